"""Enums and values with which clients request periods. Knows no arithmetic."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Grain(StrEnum):
    """Length of the buckets of a series, finest first. QUARTER and YEAR are calendar quarters and years."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"

    @property
    def rank(self) -> int:
        """The position in order of length; 0 for the finest."""
        return list(Grain).index(self)


class DayOfWeek(StrEnum):
    """The days of the week."""

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
    """Named periods, resolved at the request: LAST_n and THIS_x end with today, PREVIOUS_x is complete."""

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
    """What a period is compared with. While a period runs, the compared one is cut after the same local time."""

    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    PREVIOUS_PERIOD_SAME_WEEKDAYS = "PREVIOUS_PERIOD_SAME_WEEKDAYS"
    PREVIOUS_YEAR = "PREVIOUS_YEAR"


@dataclass(frozen=True)
class DateRange:
    """Local days of the makerspace, both included, as requested and not yet checked."""

    start_date: date
    end_date: date
