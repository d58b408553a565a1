"""The words in which periods are asked for, as clients see them. Knows no arithmetic."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Grain(StrEnum):
    """How long the buckets of a series are, finest first. QUARTER and YEAR are those of the calendar."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"

    @property
    def rank(self) -> int:
        """0 for the finest, growing with the length."""
        return list(Grain).index(self)


class DayOfWeek(StrEnum):
    """The days of the week; `number` counts them from 0, Monday."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as in keys and in `date.weekday`."""
        return list(DayOfWeek).index(self)


class PeriodPreset(StrEnum):
    """Periods by name, resolved when asked: LAST_n and THIS_x end with today, PREVIOUS_x is whole."""

    TODAY = "TODAY"
    YESTERDAY = "YESTERDAY"
    LAST_7_DAYS = "LAST_7_DAYS"
    LAST_30_DAYS = "LAST_30_DAYS"
    LAST_90_DAYS = "LAST_90_DAYS"
    LAST_12_MONTHS = "LAST_12_MONTHS"
    THIS_WEEK = "THIS_WEEK"
    THIS_MONTH = "THIS_MONTH"
    THIS_QUARTER = "THIS_QUARTER"
    THIS_YEAR = "THIS_YEAR"
    THIS_FISCAL_YEAR = "THIS_FISCAL_YEAR"
    PREVIOUS_WEEK = "PREVIOUS_WEEK"
    PREVIOUS_MONTH = "PREVIOUS_MONTH"
    PREVIOUS_QUARTER = "PREVIOUS_QUARTER"
    PREVIOUS_YEAR = "PREVIOUS_YEAR"
    PREVIOUS_FISCAL_YEAR = "PREVIOUS_FISCAL_YEAR"
    ALL_TIME = "ALL_TIME"


class Comparison(StrEnum):
    """What a period is compared with. While it still runs, the other is cut at the same elapsed local time."""

    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    PREVIOUS_PERIOD_SAME_WEEKDAYS = "PREVIOUS_PERIOD_SAME_WEEKDAYS"
    PREVIOUS_YEAR = "PREVIOUS_YEAR"


@dataclass(frozen=True)
class DateRange:
    """Local days of the makerspace, both included, as asked: not yet checked."""

    start_date: date
    end_date: date
