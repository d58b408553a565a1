"""Presets and ranges become local days, both included; expected days are literal."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import Calendar, DateRange, DayOfWeek, Period, PeriodPreset, day_start, resolve

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), fiscal_year_start_month=4)
INDIA = Calendar(ZoneInfo("Asia/Kolkata"), week_start=DayOfWeek.SUNDAY.number, fiscal_year_start_month=4)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(period: Period) -> str:
    return f"{period.start_date} {period.end_date}"


@pytest.mark.parametrize(
    ("preset", "expected", "label"),
    [
        ("TODAY", "2026-11-18 2026-11-18", "18 Nov 2026"),
        ("YESTERDAY", "2026-11-17 2026-11-17", "17 Nov 2026"),
        ("LAST_7_DAYS", "2026-11-12 2026-11-18", "12–18 Nov 2026"),
        ("LAST_30_DAYS", "2026-10-20 2026-11-18", "20 Oct – 18 Nov 2026"),
        ("LAST_90_DAYS", "2026-08-21 2026-11-18", "21 Aug – 18 Nov 2026"),
        ("LAST_12_MONTHS", "2025-12-01 2026-11-18", "1 Dec 2025 – 18 Nov 2026"),
        ("THIS_WEEK", "2026-11-16 2026-11-18", "16–18 Nov 2026"),
        ("THIS_MONTH", "2026-11-01 2026-11-18", "1–18 Nov 2026"),
        ("THIS_QUARTER", "2026-10-01 2026-11-18", "1 Oct – 18 Nov 2026"),
        ("THIS_YEAR", "2026-01-01 2026-11-18", "1 Jan – 18 Nov 2026"),
        ("THIS_FISCAL_YEAR", "2026-04-01 2026-11-18", "1 Apr – 18 Nov 2026"),
        ("PREVIOUS_WEEK", "2026-11-09 2026-11-15", "9–15 Nov 2026"),
        ("PREVIOUS_MONTH", "2026-10-01 2026-10-31", "Oct 2026"),
        ("PREVIOUS_QUARTER", "2026-07-01 2026-09-30", "Q3 2026"),
        ("PREVIOUS_YEAR", "2025-01-01 2025-12-31", "2025"),
        ("PREVIOUS_FISCAL_YEAR", "2025-04-01 2026-03-31", "1 Apr 2025 – 31 Mar 2026"),
        ("ALL_TIME", "2025-10-07 2026-11-18", "7 Oct 2025 – 18 Nov 2026"),
    ],
)
def test_presets_on_a_wednesday_in_november(preset: str, expected: str, label: str) -> None:
    period = resolve(PeriodPreset(preset), BERLIN, utc("2026-11-18T16:15"), first_day=date(2025, 10, 7))
    assert (days(period), period.label, period.preset) == (expected, label, preset)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("TODAY", "2028-02-29 2028-02-29"),
        ("YESTERDAY", "2028-02-28 2028-02-28"),
        ("LAST_7_DAYS", "2028-02-23 2028-02-29"),
        ("LAST_30_DAYS", "2028-01-31 2028-02-29"),
        ("LAST_90_DAYS", "2027-12-02 2028-02-29"),
        ("LAST_12_MONTHS", "2027-03-01 2028-02-29"),
        # A Tuesday; weeks from Sunday.
        ("THIS_WEEK", "2028-02-27 2028-02-29"),
        ("THIS_MONTH", "2028-02-01 2028-02-29"),
        ("THIS_QUARTER", "2028-01-01 2028-02-29"),
        ("THIS_YEAR", "2028-01-01 2028-02-29"),
        ("THIS_FISCAL_YEAR", "2027-04-01 2028-02-29"),
        ("PREVIOUS_WEEK", "2028-02-20 2028-02-26"),
        ("PREVIOUS_MONTH", "2028-01-01 2028-01-31"),
        ("PREVIOUS_QUARTER", "2027-10-01 2027-12-31"),
        ("PREVIOUS_YEAR", "2027-01-01 2027-12-31"),
        ("PREVIOUS_FISCAL_YEAR", "2026-04-01 2027-03-31"),
        ("ALL_TIME", "2028-02-29 2028-02-29"),
    ],
)
def test_presets_on_a_leap_day_with_weeks_from_sunday(preset: str, expected: str) -> None:
    # 19:00 UTC is half past midnight of 1 March in India: a second before its midnight it is still the 29th.
    assert days(resolve(PeriodPreset(preset), INDIA, utc("2028-02-29T18:29:59"))) == expected


def test_at_midnight_a_new_day_a_new_month_and_a_new_fiscal_year_begin() -> None:
    before, after = utc("2026-03-31T18:29:59.999999"), utc("2026-03-31T18:30")
    assert days(resolve(PeriodPreset.TODAY, INDIA, before)) == "2026-03-31 2026-03-31"
    assert days(resolve(PeriodPreset.TODAY, INDIA, after)) == "2026-04-01 2026-04-01"
    assert days(resolve(PeriodPreset.THIS_MONTH, INDIA, after)) == "2026-04-01 2026-04-01"
    assert days(resolve(PeriodPreset.PREVIOUS_MONTH, INDIA, after)) == "2026-03-01 2026-03-31"
    assert days(resolve(PeriodPreset.THIS_FISCAL_YEAR, INDIA, before)) == "2025-04-01 2026-03-31"
    assert days(resolve(PeriodPreset.THIS_FISCAL_YEAR, INDIA, after)) == "2026-04-01 2026-04-01"
    assert days(resolve(PeriodPreset.PREVIOUS_FISCAL_YEAR, INDIA, after)) == "2025-04-01 2026-03-31"


@pytest.mark.parametrize(
    ("now", "since", "until", "hours"),
    [
        ("2026-03-29T00:59", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23),
        ("2026-03-29T01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23),
        ("2026-10-25T00:30", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25),
        ("2026-10-25T01:30", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25),
    ],
)
def test_today_when_the_clock_changes(now: str, since: str, until: str, hours: int) -> None:
    today = resolve(PeriodPreset.TODAY, BERLIN, utc(now))
    assert (today.since.isoformat(), today.until.isoformat()) == (since, until)
    assert today.until - today.since == timedelta(hours=hours)
    assert today.is_running


def test_a_week_is_seven_local_days_across_a_change() -> None:
    week = resolve(PeriodPreset.LAST_7_DAYS, BERLIN, utc("2026-10-25T23:30"))
    assert days(week) == "2026-10-20 2026-10-26"
    assert week.until - week.since == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("first", "week"), [(0, "2026-11-09 2026-11-15"), (5, "2026-11-07 2026-11-13"), (6, "2026-11-08 2026-11-14")]
)
def test_a_week_begins_on_the_makerspaces_first_day(first: int, week: str) -> None:
    calendar = Calendar(ZoneInfo("UTC"), week_start=first)
    assert days(resolve(PeriodPreset.PREVIOUS_WEEK, calendar, utc("2026-11-18T12:00"))) == week


def test_all_time_never_begins_after_today() -> None:
    now = utc("2026-11-18T22:58")
    assert days(resolve(PeriodPreset.ALL_TIME, BERLIN, now, first_day=date(2026, 11, 19))) == "2026-11-18 2026-11-18"


def test_a_period_is_half_open() -> None:
    asked = DateRange(date(2026, 11, 1), date(2026, 11, 30))
    since, until = day_start(date(2026, 11, 1), BERLIN.zone), day_start(date(2026, 12, 1), BERLIN.zone)
    tick = timedelta(microseconds=1)
    states = [
        (now, period.is_running, period.elapsed_until)
        for now in (since - tick, since, until - tick, until)
        for period in [resolve(asked, BERLIN, now)]
    ]
    assert states == [
        (since - tick, False, since),
        (since, True, since),
        (until - tick, True, until - tick),
        (until, False, until),
    ]


def test_a_range_keeps_its_days_and_counts_them() -> None:
    period = resolve(DateRange(date(2026, 11, 1), date(2026, 11, 30)), BERLIN, utc("2026-11-18T16:15"))
    assert (days(period), period.days, period.label) == ("2026-11-01 2026-11-30", 30, "Nov 2026")
    assert period.until == utc("2026-11-30T23:00")
    assert period.preset is None


@pytest.mark.parametrize(
    ("start", "end", "field", "accepted"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "endDate", "2026-11-02"),
        (date(1, 1, 1), date(2026, 11, 1), "startDate", "1970-01-01 to 2999-12-31"),
        (date(1969, 12, 31), date(2026, 11, 1), "startDate", "1970-01-01 to 2999-12-31"),
        (date(2026, 11, 1), date(3000, 1, 1), "endDate", "1970-01-01 to 2999-12-31"),
        (date(2026, 11, 1), date.max, "endDate", "1970-01-01 to 2999-12-31"),
        ("0000-00-00", date(2026, 11, 1), "startDate", "YYYY-MM-DD"),
        (utc("2026-11-01"), date(2026, 11, 1), "startDate", "YYYY-MM-DD"),
    ],
)
def test_an_invalid_range_is_refused_with_the_accepted_days(start: date, end: date, field: str, accepted: str) -> None:
    with pytest.raises(Invalid, match=accepted) as refusal:
        resolve(DateRange(start, end), BERLIN, utc("2026-11-18T16:15"))
    assert refusal.value.path == ("period", "range", field)


@pytest.mark.parametrize(
    ("start", "end"), [(date(1970, 1, 1), date(1970, 1, 1)), (date(2999, 1, 1), date(2999, 12, 31))]
)
def test_the_first_and_the_last_day_are_accepted(start: date, end: date) -> None:
    assert days(resolve(DateRange(start, end), BERLIN, utc("2026-11-18T16:15"))) == f"{start} {end}"
