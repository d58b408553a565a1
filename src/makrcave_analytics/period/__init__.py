"""Periods: all time-zone and calendar arithmetic. Pure: no I/O, and now is always passed in.

vocabulary, input       the words with which a period is requested
preset                  from a preset or a range of days to a period
period, comparison      local days of a makerspace, and the period that they are compared with
shift                   the part of a compared period that corresponds to a bucket
grain, bucket, label    cutting a period into buckets, and labels
days, zone, span        calendar days; instants and the local clock; the instants that a statement counts
"""

from makrcave_analytics.period.bucket import Bucket
from makrcave_analytics.period.comparison import compare
from makrcave_analytics.period.days import Calendar
from makrcave_analytics.period.grain import check_grain, default_grain
from makrcave_analytics.period.input import PeriodInput
from makrcave_analytics.period.period import Period
from makrcave_analytics.period.preset import resolve
from makrcave_analytics.period.shift import corresponding
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
    "corresponding",
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
