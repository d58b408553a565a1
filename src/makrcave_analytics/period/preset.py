"""From a requested preset or range of days to a period, as of now."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period.days import DAY, Calendar, Cycle, add_months
from makrcave_analytics.period.period import Period
from makrcave_analytics.period.vocabulary import DateRange, PeriodPreset
from makrcave_analytics.period.zone import local_day

FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)

_ROLLING_DAYS: Mapping[PeriodPreset, int] = {
    PeriodPreset.LAST_7_DAYS: 7,
    PeriodPreset.LAST_30_DAYS: 30,
    PeriodPreset.LAST_90_DAYS: 90,
}
_THIS: Mapping[PeriodPreset, Callable[[Calendar], Cycle]] = {
    PeriodPreset.TODAY: Calendar.day,
    PeriodPreset.THIS_WEEK: Calendar.week,
    PeriodPreset.THIS_MONTH: Calendar.month,
    PeriodPreset.THIS_QUARTER: Calendar.quarter,
    PeriodPreset.THIS_YEAR: Calendar.year,
    PeriodPreset.THIS_FISCAL_YEAR: Calendar.fiscal_year,
}
_PREVIOUS: Mapping[PeriodPreset, Callable[[Calendar], Cycle]] = {
    PeriodPreset.YESTERDAY: Calendar.day,
    PeriodPreset.PREVIOUS_WEEK: Calendar.week,
    PeriodPreset.PREVIOUS_MONTH: Calendar.month,
    PeriodPreset.PREVIOUS_QUARTER: Calendar.quarter,
    PeriodPreset.PREVIOUS_YEAR: Calendar.year,
    PeriodPreset.PREVIOUS_FISCAL_YEAR: Calendar.fiscal_year,
}
CYCLES: Final[Mapping[PeriodPreset, Callable[[Calendar], Cycle]]] = {**_THIS, **_PREVIOUS}
"""The presets that are one repetition of a calendar cycle, with that cycle."""


def resolve(
    asked: PeriodPreset | DateRange, calendar: Calendar, now: datetime, first_day: date | None = None
) -> Period:
    """Return the requested period, as of now.

    ALL_TIME begins on `first_day`, the local day of the first fact; None: today.

    Raises: Invalid for a range that ends before it starts or is not within the years 1970 to 2999.
    """
    if isinstance(asked, DateRange):
        return Period.of_days(*_range_days(asked), calendar, now)
    today = local_day(now, calendar.zone)
    return Period.of_days(*_preset_days(asked, calendar, today, first_day or today), calendar, now, asked)


def _range_days(asked: DateRange) -> tuple[date, date]:
    start, end = _known_day(asked.start_date, "startDate"), _known_day(asked.end_date, "endDate")
    if end < start:
        raise Invalid(f"endDate must be {start} (startDate) or later.", path=("period", "range", "endDate"))
    return start, end


def _known_day(day: object, field: str) -> date:
    if isinstance(day, date) and not isinstance(day, datetime) and FIRST_DAY <= day <= LAST_DAY:
        return day
    raise Invalid(
        f"{field} must be a day from {FIRST_DAY} to {LAST_DAY}, as YYYY-MM-DD.", path=("period", "range", field)
    )


def _preset_days(preset: PeriodPreset, calendar: Calendar, today: date, first_day: date) -> tuple[date, date]:
    if preset in _THIS:
        return _THIS[preset](calendar).start(today), today
    if preset in _PREVIOUS:
        cycle = _PREVIOUS[preset](calendar)
        current = cycle.start(today)
        return cycle.shift(current, -1), current - DAY
    if preset in _ROLLING_DAYS:
        return today - (_ROLLING_DAYS[preset] - 1) * DAY, today
    if preset is PeriodPreset.LAST_12_MONTHS:
        return add_months(calendar.month().start(today), -11), today
    # The first fact may be stamped a few minutes ahead, on tomorrow's date.
    return min(first_day, today), today
