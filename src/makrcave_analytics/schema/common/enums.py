"""Registers the enumerations of lower rooms with GraphQL, with descriptions for clients."""

from enum import Enum
from typing import TypeVar

import strawberry

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.period import Comparison, DayOfWeek, Grain, PeriodPreset
from makrcave_analytics.recording.outcome import RecordStatus
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType
from makrcave_analytics.resolvers.metrics.network import NetworkOrder

E = TypeVar("E", bound=type[Enum])


def _described(enum: E, description: str, values: dict[str, str] | None = None) -> E:
    """Register an enumeration. `values` gives descriptions to some of its values."""
    made = strawberry.enum(enum, description=description)
    for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = (values or {}).get(value.name)
    return made


_described(Grain, "How long the buckets of a series are.")
_described(
    PeriodPreset,
    "LAST_n_DAYS is today and the n−1 days before; LAST_12_MONTHS this month so far and the eleven before; "
    "THIS_x ends with today. Buckets after now are not made.",
)
_described(
    Comparison,
    "While the period still runs, what it is compared with is cut at the same elapsed local time.",
    {
        "PREVIOUS_PERIOD": "Calendar presets: the calendar span before. Ranges: the equal span that ends where this "
        "one starts.",
        "PREVIOUS_PERIOD_SAME_WEEKDAYS": "The same span, back by the fewest whole weeks that clear its length, so "
        "that weekdays line up.",
        "PREVIOUS_YEAR": "The same days a year before; 29 February becomes the 28th.",
    },
)
_described(DayOfWeek, "The days of the week.")
_described(Dimension, "What a metric can be broken down by.")
_described(Section, "A page of the product.")
_described(Unit, "What a value counts.")
_described(Polarity, "Which way is good.")
_described(Permission, "What a token may do in a makerspace.")
_described(FactKind, "Kinds of facts.")
_described(RecordStatus, "What became of one recorded item.")
_described(
    ErrorCode,
    "NOT_FOUND for what the token cannot see, FORBIDDEN for a missing permission where it can see. Top-level errors "
    "carry extensions.code of these or UNAUTHENTICATED, UNAVAILABLE, RATE_LIMITED, QUERY_TOO_EXPENSIVE, INTERNAL.",
)
_described(NetworkOrder, "What makerspaces are ordered by: names from A, all else from the largest.")
_described(ReportType, "What a report is about.")
_described(ReportFormat, "The kind of file.")
_described(ReportStatus, "Where a report is in its life.")


@strawberry.enum(description="Whether the data are real or a sample.")
class DataOrigin(Enum):
    """As stored with the makerspace."""

    LIVE = "LIVE"
    SAMPLE = "SAMPLE"
