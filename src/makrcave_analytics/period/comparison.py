"""From a period to the period that it is compared with."""

from dataclasses import replace
from datetime import date

from makrcave_analytics.period.days import DAY, add_months
from makrcave_analytics.period.period import Period
from makrcave_analytics.period.preset import CYCLES
from makrcave_analytics.period.shift import Shift, Shifts
from makrcave_analytics.period.vocabulary import Comparison, PeriodPreset


def compare(period: Period, comparison: Comparison) -> Period | None:
    """Return the compared period; None for ALL_TIME, as there is nothing before it.

    While the period runs, the compared one has a `cut`: it ends after as much local time as has passed of the period,
    unless it is shorter than that.
    """
    if period.preset is PeriodPreset.ALL_TIME:
        return None
    start, end = _other_days(period, comparison)
    fine = Shift(days=(period.start_date - start).days)
    months = _months_back(period, comparison)
    shifts = Shifts(fine, Shift(months=months) if months else fine)
    other = replace(Period.of_days(start, end, period.calendar, period.now), shifts=shifts)
    return other.cut_at(period.now, fine) if period.is_running else other


def _months_back(period: Period, comparison: Comparison) -> int:
    """Return by how many whole months the other period precedes; 0 where it is by days."""
    if comparison is Comparison.PREVIOUS_YEAR:
        return 12
    if comparison is not Comparison.PREVIOUS_PERIOD or period.preset is None:
        return 0
    if period.preset is PeriodPreset.LAST_12_MONTHS:
        return 12
    return CYCLES[period.preset](period.calendar).months if period.preset in CYCLES else 0


def _other_days(period: Period, comparison: Comparison) -> tuple[date, date]:
    start, end = period.start_date, period.end_date
    match comparison:
        case Comparison.PREVIOUS_YEAR:
            return add_months(start, -12), add_months(end, -12)
        case Comparison.PREVIOUS_PERIOD_SAME_WEEKDAYS:
            back = -(-period.days // 7) * 7 * DAY
            return start - back, end - back
        case Comparison.PREVIOUS_PERIOD:
            return _start_before(period), start - DAY


def _start_before(period: Period) -> date:
    if period.preset is not None and period.preset in CYCLES:
        return CYCLES[period.preset](period.calendar).shift(period.start_date, -1)
    if period.preset is PeriodPreset.LAST_12_MONTHS:
        return add_months(period.start_date, -12)
    return period.start_date - period.days * DAY
