"""A running period is compared with the same elapsed part of the compared period."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.period import Calendar, Comparison, DateRange, Grain, Period, PeriodPreset, compare, resolve

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), fiscal_year_start_month=4)
UTC_CALENDAR = Calendar(ZoneInfo("UTC"))
PREVIOUS, WEEKDAYS, YEAR = Comparison


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def other(
    asked: PeriodPreset | DateRange, comparison: Comparison, now: str, calendar: Calendar = UTC_CALENDAR
) -> Period:
    compared = compare(resolve(asked, calendar, utc(now)), comparison)
    assert compared is not None
    return compared


def days(period: Period) -> str:
    return f"{period.start_date} {period.end_date}"


# Wednesday, 18 November 2026, 16:15 UTC.
@pytest.mark.parametrize(
    ("preset", "previous", "weekdays", "year"),
    [
        ("TODAY", "2026-11-17 2026-11-17", "2026-11-11 2026-11-11", "2025-11-18 2025-11-18"),
        ("LAST_7_DAYS", "2026-11-05 2026-11-11", "2026-11-05 2026-11-11", "2025-11-12 2025-11-18"),
        # Five weeks are the fewest that cover 30 days.
        ("LAST_30_DAYS", "2026-09-20 2026-10-19", "2026-09-15 2026-10-14", "2025-10-20 2025-11-18"),
        ("LAST_12_MONTHS", "2024-12-01 2025-11-18", "2024-12-09 2025-11-26", "2024-12-01 2025-11-18"),
        ("THIS_WEEK", "2026-11-09 2026-11-11", "2026-11-09 2026-11-11", "2025-11-16 2025-11-18"),
        ("THIS_MONTH", "2026-10-01 2026-10-18", "2026-10-11 2026-10-28", "2025-11-01 2025-11-18"),
        # 48 days have passed when the 49th runs: 1 July and 48 days are 18 August.
        ("THIS_QUARTER", "2026-07-01 2026-08-18", "2026-08-13 2026-09-30", "2025-10-01 2025-11-18"),
        # 322 days are 46 weeks.
        ("THIS_YEAR", "2025-01-01 2025-11-18", "2025-02-13 2025-12-31", "2025-01-01 2025-11-18"),
        ("THIS_FISCAL_YEAR", "2025-04-01 2025-11-18", "2025-08-06 2026-03-25", "2025-04-01 2025-11-18"),
    ],
)
def test_a_running_period_is_compared_with_the_same_elapsed_part(
    preset: str, previous: str, weekdays: str, year: str
) -> None:
    calendar = Calendar(ZoneInfo("UTC"), fiscal_year_start_month=4)
    compared = [other(PeriodPreset(preset), comparison, "2026-11-18T16:15", calendar) for comparison in Comparison]
    assert [days(period) for period in compared] == [previous, weekdays, year]
    for period in compared:
        assert period.cut == period.until == datetime.combine(period.end_date, utc("2026-11-18T16:15").timetz())
        assert period.label.endswith(", up to 16:15")
        assert period.span().until == period.cut


@pytest.mark.parametrize(
    ("preset", "previous", "weekdays", "year"),
    [
        ("YESTERDAY", "2026-11-16 2026-11-16", "2026-11-10 2026-11-10", "2025-11-17 2025-11-17"),
        ("PREVIOUS_WEEK", "2026-11-02 2026-11-08", "2026-11-02 2026-11-08", "2025-11-09 2025-11-15"),
        # Five weeks are the fewest that cover 31 days.
        ("PREVIOUS_MONTH", "2026-09-01 2026-09-30", "2026-08-27 2026-09-26", "2025-10-01 2025-10-31"),
        # Fourteen for 92 days.
        ("PREVIOUS_QUARTER", "2026-04-01 2026-06-30", "2026-03-25 2026-06-24", "2025-07-01 2025-09-30"),
        # 53 for 365 days.
        ("PREVIOUS_YEAR", "2024-01-01 2024-12-31", "2023-12-27 2024-12-25", "2024-01-01 2024-12-31"),
        ("PREVIOUS_FISCAL_YEAR", "2024-04-01 2025-03-31", "2024-03-26 2025-03-25", "2024-04-01 2025-03-31"),
    ],
)
def test_a_past_period_is_compared_with_a_whole_one(preset: str, previous: str, weekdays: str, year: str) -> None:
    calendar = Calendar(ZoneInfo("UTC"), fiscal_year_start_month=4)
    compared = [other(PeriodPreset(preset), comparison, "2026-11-18T16:15", calendar) for comparison in Comparison]
    assert [days(period) for period in compared] == [previous, weekdays, year]
    assert all(period.cut is None for period in compared)


@pytest.mark.parametrize("comparison", Comparison)
def test_all_time_has_no_compared_period(comparison: Comparison) -> None:
    period = resolve(PeriodPreset.ALL_TIME, BERLIN, utc("2026-11-18T16:15"), date(2025, 10, 7))
    assert compare(period, comparison) is None


def test_a_shorter_compared_period_ends_at_its_own_end() -> None:
    february = other(PeriodPreset.THIS_MONTH, PREVIOUS, "2026-03-31T12:00")
    assert (days(february), february.cut, february.label) == ("2026-02-01 2026-02-28", None, "Feb 2026")


def test_29_february_is_compared_with_the_28th() -> None:
    assert days(other(PeriodPreset.YESTERDAY, YEAR, "2028-03-01T12:00")) == "2027-02-28 2027-02-28"
    assert days(other(PeriodPreset.PREVIOUS_MONTH, YEAR, "2028-03-01T12:00")) == "2027-02-01 2027-02-28"
    today = other(PeriodPreset.TODAY, YEAR, "2028-02-29T12:00")
    assert (days(today), today.until) == ("2027-02-28 2027-02-28", utc("2027-02-28T12:00"))


def test_the_compared_range_of_a_running_one_is_cut_and_of_a_future_one_not() -> None:
    november = DateRange(date(2026, 11, 1), date(2026, 11, 30))
    running = other(november, PREVIOUS, "2026-11-18T16:15")
    assert (days(running), running.until) == ("2026-10-02 2026-10-19", utc("2026-10-19T16:15"))
    to_come = other(november, PREVIOUS, "2026-10-31T23:59")
    assert (days(to_come), to_come.cut) == ("2026-10-02 2026-10-31", None)


def test_at_midnight_whole_days_have_passed() -> None:
    midnight = other(PeriodPreset.THIS_MONTH, PREVIOUS, "2026-11-18T00:00")
    assert (days(midnight), midnight.label) == ("2026-10-01 2026-10-17", "1–17 Oct 2026")
    assert midnight.until == utc("2026-10-18T00:00")
    first = other(PeriodPreset.THIS_MONTH, PREVIOUS, "2026-11-01T00:00")
    assert first.since == first.until == utc("2026-10-01T00:00")
    assert [bucket.span.since for bucket in first.buckets(Grain.DAY)] == [first.since]


def test_the_cut_has_the_same_clock_time_across_a_change() -> None:
    # 04:00 of the 23-hour day, three hours after its midnight, against the four hours before 04:00 of the day before.
    spring = other(PeriodPreset.TODAY, PREVIOUS, "2026-03-29T02:00", BERLIN)
    assert spring.until.isoformat() == "2026-03-28T04:00:00+01:00"
    # 02:30 does not exist on that day: it has passed at 03:00.
    missing = other(PeriodPreset.TODAY, PREVIOUS, "2026-03-30T00:30", BERLIN)
    assert missing.until.isoformat() == "2026-03-29T03:00:00+02:00"
    # Both 02:30 of the 25-hour day correspond to the one 02:30 of the day before.
    for now in ("2026-10-25T00:30", "2026-10-25T01:30"):
        assert other(PeriodPreset.TODAY, PREVIOUS, now, BERLIN).until.isoformat() == "2026-10-24T02:30:00+02:00"
    # Of two, the first corresponds.
    twice = other(PeriodPreset.TODAY, PREVIOUS, "2026-10-26T01:30", BERLIN)
    assert twice.until.isoformat() == "2026-10-25T02:30:00+02:00"


def test_the_last_bucket_of_a_cut_period_is_partial() -> None:
    buckets = other(PeriodPreset.THIS_MONTH, PREVIOUS, "2026-11-18T16:15").buckets(Grain.DAY)
    assert [bucket.is_partial for bucket in buckets] == [False] * 17 + [True]
    assert buckets[-1].end == buckets[-1].span.until == utc("2026-10-18T16:15")


ranges = st.tuples(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 800)).map(
    lambda pair: DateRange(pair[0], date.fromordinal(pair[0].toordinal() + pair[1]))
)


@given(ranges)
def test_a_past_range_is_compared_with_equal_spans_before_it(asked: DateRange) -> None:
    period = resolve(asked, BERLIN, utc("2099-01-01"))
    before, weekdays = compare(period, PREVIOUS), compare(period, WEEKDAYS)
    assert before is not None
    assert weekdays is not None
    assert before.days == weekdays.days == period.days
    assert before.until == period.since
    back = (period.start_date - weekdays.start_date).days
    assert back % 7 == 0
    assert 0 <= back - period.days < 7


@given(ranges, st.floats(0, 0.999), st.sampled_from(Comparison))
def test_a_running_range_is_compared_with_as_many_days_and_the_same_clock_time(
    asked: DateRange, share: float, comparison: Comparison
) -> None:
    whole = resolve(asked, BERLIN, utc("2099-01-01"))
    period = resolve(asked, BERLIN, whole.since + (whole.until - whole.since) * share)
    compared = compare(period, comparison)
    assert compared is not None
    assert compared.since <= compared.until
    assert compared.days <= period.days
    if compared.cut is not None:
        assert compared.cut == compared.until
        assert len(compared.buckets(Grain.DAY)) - len(period.buckets(Grain.DAY)) in (0, -1)
