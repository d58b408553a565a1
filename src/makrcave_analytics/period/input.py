"""A period as it is asked for. The API makes its input type of it."""

from dataclasses import dataclass

from makrcave_analytics.period.vocabulary import DateRange, PeriodPreset


@dataclass
class PeriodInput:
    """A preset or a range of days, one of both."""

    preset: PeriodPreset | None = None
    range: DateRange | None = None
