"""The default grain, and refused grains with the accepted ones."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import Calendar, DateRange, DayOfWeek, Grain, Period, check_grain, default_grain, resolve
from makrcave_analytics.period.days import add_months

CALENDAR = Calendar(ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 11, 18, tzinfo=UTC)


def of_days(days: int, first: date = date(2020, 1, 1)) -> Period:
    return resolve(DateRange(first, date.fromordinal(first.toordinal() + days - 1)), CALENDAR, NOW)


@pytest.mark.parametrize(
    ("days", "hourly", "daily"),
    [
        (1, Grain.HOUR, Grain.DAY),
        (2, Grain.HOUR, Grain.DAY),
        (3, Grain.DAY, Grain.DAY),
        (92, Grain.DAY, Grain.DAY),
        (93, Grain.WEEK, Grain.WEEK),
        (400, Grain.WEEK, Grain.WEEK),
        (401, Grain.MONTH, Grain.MONTH),
        (5000, Grain.MONTH, Grain.MONTH),
    ],
)
def test_the_default_grain_follows_the_length(days: int, hourly: Grain, daily: Grain) -> None:
    assert default_grain(of_days(days)) is hourly
    assert default_grain(of_days(days), Grain.DAY) is daily


def test_a_grain_finer_than_the_metric_is_refused() -> None:
    with pytest.raises(Invalid, match=r"Accepted: DAY, WEEK, MONTH, QUARTER, YEAR\.") as refusal:
        check_grain(Grain.HOUR, Grain.DAY, of_days(1), path=("table", "grain"))
    assert refusal.value.path == ("table", "grain")
    check_grain(Grain.DAY, Grain.DAY, of_days(1))
    check_grain(Grain.YEAR, Grain.HOUR, of_days(1))


def test_ten_years_by_hour_are_accepted_and_one_day_more_is_not() -> None:
    ten_years = resolve(DateRange(date(2016, 2, 29), date(2026, 2, 27)), CALENDAR, NOW)
    check_grain(Grain.HOUR, Grain.HOUR, ten_years)
    longer = resolve(DateRange(date(2016, 2, 29), date(2026, 2, 28)), CALENDAR, NOW)
    with pytest.raises(Invalid, match="DAY, WEEK, MONTH, QUARTER, YEAR"):
        check_grain(Grain.HOUR, Grain.HOUR, longer)
    check_grain(Grain.DAY, Grain.HOUR, longer)


def test_hours_have_a_shorter_limit_for_some_metrics() -> None:
    check_grain(Grain.HOUR, Grain.HOUR, of_days(31), max_hour_days=31)
    with pytest.raises(Invalid, match="at most 31 days"):
        check_grain(Grain.HOUR, Grain.HOUR, of_days(32), max_hour_days=31)
    check_grain(Grain.DAY, Grain.HOUR, of_days(32), max_hour_days=31)


def test_too_many_buckets_are_refused_also_for_a_future_period() -> None:
    everything = resolve(DateRange(date(1970, 1, 1), date(2999, 12, 31)), CALENDAR, NOW)
    with pytest.raises(Invalid, match=r"Accepted: WEEK, MONTH, QUARTER, YEAR\."):
        check_grain(Grain.DAY, Grain.DAY, everything)
    check_grain(default_grain(everything), Grain.DAY, everything)


def test_days_of_the_week_are_counted_from_monday() -> None:
    assert [day.number for day in DayOfWeek] == [0, 1, 2, 3, 4, 5, 6]
    assert DayOfWeek.MONDAY.number == date(2026, 11, 16).weekday()


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2028, 2, 29), -12, date(2027, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2027, 2, 28), 12, date(2028, 2, 28)),
        (date(2026, 12, 31), -1, date(2026, 11, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), -1, date(2025, 12, 31)),
        (date(2026, 11, 15), 1, date(2026, 12, 15)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)
def test_months_are_added_within_the_calendar(day: date, months: int, moved: date) -> None:
    assert add_months(day, months) == moved
