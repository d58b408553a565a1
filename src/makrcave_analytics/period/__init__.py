"""Periods: all the time-zone and calendar arithmetic there is. Pure: no I/O, and now is always passed in.

vocabulary, input       how a period is asked for
preset                  the days that a preset means now
period, comparison      local days of a makerspace; what they are compared with
grain, bucket, label    how a period is cut, and what its pieces are called
days, zone, span        calendar days; instants and the clock; what a statement counts over
"""

from makrcave_analytics.period.bucket import Bucket
from makrcave_analytics.period.comparison import compare
from makrcave_analytics.period.days import Calendar
from makrcave_analytics.period.grain import check_grain, default_grain
from makrcave_analytics.period.input import PeriodInput
from makrcave_analytics.period.period import Period
from makrcave_analytics.period.preset import resolve
from makrcave_analytics.period.span import Span
from makrcave_analytics.period.vocabulary import Comparison, DateRange, DayOfWeek, Grain, PeriodPreset
from makrcave_analytics.period.zone import day_start, hour_start, hour_starts, local, local_day, next_hour, offsets

__all__ = [
    "Bucket",
    "Calendar",
    "Comparison",
    "DateRange",
    "DayOfWeek",
    "Grain",
    "Period",
    "PeriodInput",
    "PeriodPreset",
    "Span",
    "check_grain",
    "compare",
    "day_start",
    "default_grain",
    "hour_start",
    "hour_starts",
    "local",
    "local_day",
    "next_hour",
    "offsets",
    "resolve",
]
