"""Fields of the usage section besides its metrics."""

from datetime import date
from typing import Any

import strawberry

from makrcave_analytics.metrics.analyses.retention import RetentionBasis
from makrcave_analytics.metrics.catalog.usage import events
from makrcave_analytics.resolvers.metrics import heatmap, usage
from makrcave_analytics.schema.common.fields import attribute, resolved
from makrcave_analytics.schema.metrics.heatmap import HourOfWeekCell

meta = usage.meta

strawberry.enum(RetentionBasis, description="What makes somebody begin and stay: being there, or being a member.")


@strawberry.type(
    description="active[k]: share, 0 to 1, of the cohort active (or still a member) in month k after the one it joined "
    "in; 0 is that month itself; null while the month runs."
)
class CohortRow:
    """Members who began in the same month."""

    cohort: date = attribute("The first day of the month in which they began.")
    size: int = attribute("How many began in that month.")
    active = resolved(usage.cohort_active, "Up to the period's last month.", list[float | None])


@strawberry.type(
    description="Members by days with a visit × 30 ÷ days of the period, rounded up: 0, 1, 2–3, 4–6, 7–12, 13 and more."
)
class VisitBand:
    """Members with a similar number of visits."""

    label: str = attribute("How often they come in 30 days.")
    members: int = attribute("How many members do; those of the period's end, or of now.")
    share: float = attribute("0 to 1, of all members.")


def _field(name: str, type_: Any, description: str, resolver: Any) -> Any:
    field = resolved(resolver, description, type_)
    field.python_name = field.graphql_name = name
    return field


FIELDS = (
    _field(
        "peakHour",
        int | None,
        "The hour of the day, 0 to 23, with most events, the earliest of equals; null without events.",
        usage.peak_hour,
    ),
    _field(
        "mostActiveDay",
        date | None,
        "The day with most events, the earliest of equals; null without events.",
        usage.most_active_day,
    ),
    _field(
        "heatmap",
        list[HourOfWeekCell] | None,
        "168 cells, Monday 0 h first: mean events per such hour in the period.",
        heatmap.resolve_heatmap(events),
    ),
    _field(
        "retention",
        list[CohortRow] | None,
        "Of those who began in a month, how many are there in the months after; the last cohort is that of the "
        "period's last month. At most 60 cohorts.",
        usage.retention_cohorts,
    ),
    _field("visitBands", list[VisitBand] | None, "How many members come how often.", usage.visit_bands),
)
