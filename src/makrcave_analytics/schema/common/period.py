"""Periods: as inputs, and as resolved."""

from datetime import date, datetime

import strawberry

from makrcave_analytics import period
from makrcave_analytics.period import DateRange, PeriodPreset
from makrcave_analytics.resolvers.metrics import sections
from makrcave_analytics.schema.common.fields import attribute, resolved


@strawberry.input(description="Both days included, local days of the makerspace.")
class DateRangeInput:
    """A range of days as sent. Resolvers check that they are days."""

    start_date: date = attribute("The first day.")
    end_date: date = attribute("The last day.")


@strawberry.input(description="Default everywhere: LAST_30_DAYS.", one_of=True)
class PeriodInput(period.PeriodInput):
    """Either a preset or a range of days."""

    preset: PeriodPreset | None = strawberry.field(default=strawberry.UNSET, description="A period by its name.")
    range: DateRangeInput | None = strawberry.field(default=strawberry.UNSET, description="Any days.")  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Turn the GraphQL input into the value that resolvers take."""
        sent = self.range
        self.preset = self.preset or None
        self.range = DateRange(sent.start_date, sent.end_date) if sent else None  # type: ignore[assignment]


@strawberry.type(description="Half-open: since is in, until is out.")
class Period:
    """A resolved period."""

    since: datetime = attribute("The first instant of it.")
    until: datetime = attribute("The first instant after it.")
    start_date: date = attribute("Its first local day.")
    end_date: date = attribute("Its last local day.")
    time_zone = resolved(sections.time_zone, "The zone in which its days are counted.", str)
    label: str = attribute("For people.")
