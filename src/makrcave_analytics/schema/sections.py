"""The sections, whose metrics are those of the catalogue, and the dashboard that holds them."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.tools import create_type

from makrcave_analytics.metrics.catalog import section_metrics
from makrcave_analytics.metrics.vocabulary import Section, Unit
from makrcave_analytics.resolvers import metric, sections
from makrcave_analytics.schema.connections import named
from makrcave_analytics.schema.enums import DataOrigin
from makrcave_analytics.schema.fields import attribute, resolved
from makrcave_analytics.schema.makerspace import Makerspace
from makrcave_analytics.schema.metric import Metric
from makrcave_analytics.schema.period import Period
from makrcave_analytics.schema.scalars import Long


@strawberry.type(description="What an answer is about, resolved: never what was asked, always what was computed.")
class AnswerMeta:
    """What an answer is about."""

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


def _section(name: str, section: Section, description: str) -> Any:
    """Make the type of a section: what it is about, and a field a metric."""
    return create_type(
        name,
        [
            named("meta", AnswerMeta, "What the answer is about.", sections.meta),
            *(
                named(m.key, Metric | None if m.unit is Unit.MONEY else Metric, m.description, metric.measured(m))
                for m in section_metrics(section)
            ),
        ],
        description=description,
    )


UsageAnalytics = _section("UsageAnalytics", Section.USAGE, "Who comes, when, and what they do.")


@strawberry.type(description="All of the first screen in one request; each section can fail on its own.")
class Dashboard:
    """The first screen."""

    meta = resolved(sections.meta, "What the answer is about.", AnswerMeta)
    usage = resolved(sections.same, "Who comes, when, and what they do.", UsageAnalytics | None)
