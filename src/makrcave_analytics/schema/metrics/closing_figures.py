"""Closing figures of days, weeks and months."""

from datetime import datetime

import strawberry

from makrcave_analytics.period import Grain
from makrcave_analytics.resolvers.metrics import closing_figures
from makrcave_analytics.schema.common.connections import connection
from makrcave_analytics.schema.common.fields import of_row, resolved
from makrcave_analytics.schema.common.period import Period
from makrcave_analytics.schema.common.scalars import JSON, Long


@strawberry.type(description="The closing figures of a DAY, WEEK or MONTH, as they stood then.")
class Snapshot:
    """The figures kept at the end of a day, week or month."""

    grain = of_row("grain", "DAY, WEEK or MONTH.", Grain)
    period = resolved(closing_figures.period, "Which one.", Period)
    data_version = of_row("data_version", "The version of the data that they were made from.", Long)
    taken_at = of_row(
        "taken_at",
        "When: soon after the end, or later where no worker ran; then what stood only at the end is null.",
        datetime,
    )
    figures = resolved(
        closing_figures.figures,
        'Every metric by section and key, exact decimals as strings: {"currency": "EUR", "USAGE": {"events": "12"}}. '
        "Money is null without READ_MONEY.",
        JSON,
    )


SnapshotConnection = connection("Snapshot", Snapshot)
