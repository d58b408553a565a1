"""Periods: how they are asked for, and what they turned out to be."""

from datetime import date, datetime

import strawberry

from makrcave_analytics import period
from makrcave_analytics.period import DateRange, PeriodPreset
from makrcave_analytics.resolvers.metrics import sections
from makrcave_analytics.schema.common.fields import attribute, resolved


@strawberry.input(description="Both days included, local days of the makerspace.")
class DateRangeInput:
    """Days as they are asked for; whether they are days is checked where they are used."""

    start_date: date = attribute("The first day.")
    end_date: date = attribute("The last day.")


@strawberry.input(description="Default everywhere: LAST_30_DAYS.", one_of=True)
class PeriodInput(period.PeriodInput):
    """A preset or a range of days, one of both."""

    preset: PeriodPreset | None = strawberry.field(default=strawberry.UNSET, description="A period by its name.")
    range: DateRangeInput | None = strawberry.field(default=strawberry.UNSET, description="Any days.")  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Make it what the rooms below take; whether the days are days is for them to say."""
        asked = self.range
        self.preset = self.preset or None
        self.range = DateRange(asked.start_date, asked.end_date) if asked else None  # type: ignore[assignment]


@strawberry.type(description="Half-open: since is in, until is out.")
class Period:
    """A resolved period."""

    since: datetime = attribute("The first instant of it.")
    until: datetime = attribute("The first instant after it.")
    start_date: date = attribute("Its first local day.")
    end_date: date = attribute("Its last local day.")
    time_zone = resolved(sections.time_zone, "The zone in which its days are counted.", str)
    label: str = attribute("For people.")
