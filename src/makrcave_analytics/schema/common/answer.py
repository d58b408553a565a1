"""AnswerMeta: the resolved makerspace, period, currency and version of an answer."""

from datetime import datetime

import strawberry

from makrcave_analytics.schema.common.enums import DataOrigin
from makrcave_analytics.schema.common.fields import attribute
from makrcave_analytics.schema.common.makerspace import Makerspace
from makrcave_analytics.schema.common.period import Period
from makrcave_analytics.schema.common.scalars import Long


@strawberry.type(description="What an answer is about, resolved: never what was asked, always what was computed.")
class AnswerMeta:
    """The resolved arguments of an answer, and notes on it."""

    makerspace: Makerspace = attribute("The makerspace.")
    period: Period = attribute("The period.")
    compared_with: Period | None = attribute("What it is compared with.")
    currency: str = attribute("ISO 4217; all money is in it.")
    data_version: Long = attribute(
        "Grows with every recorded change of the makerspace. Equal versions mean equal numbers, but for what is still "
        "running: see computedAt."
    )
    data_origin: DataOrigin = attribute("Whether the data are real or a sample.")
    computed_at: datetime = attribute("The instant that counts as now.")
    notes: list[str] = attribute(
        "What the reader should know: a partial day, sessions still open, a source that fell silent, "
        "no opening hours set."
    )
