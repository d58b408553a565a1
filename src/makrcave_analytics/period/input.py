"""A period as requested. The API derives its input type from it."""

from dataclasses import dataclass

from makrcave_analytics.period.vocabulary import DateRange, PeriodPreset


@dataclass
class PeriodInput:
    """A preset or a range of days; exactly one of the two."""

    preset: PeriodPreset | None = None
    range: DateRange | None = None
