"""Ended days, weeks and months, at the makerspace's local midnights."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from makrcave_analytics.period import Calendar, Grain
from makrcave_analytics.snapshots.due import FURTHEST, Ended, due_days, runs

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
KATHMANDU = Calendar(ZoneInfo("Asia/Kathmandu"), week_start=6)


def days(ended: list[Ended]) -> list[tuple[date, date]]:
    return [(one.start_date, one.end_date) for one in ended]


@pytest.mark.parametrize(
    ("zone", "now", "ended"),
    [
        # Clocks go forward on 29 March 2026 at 02:00: that day ends at 22:00 UTC, 23 hours after it began.
        ("Europe/Berlin", "2026-03-29T21:59:59.999999+00:00", False),
        ("Europe/Berlin", "2026-03-29T22:00:00+00:00", True),
        # 29 March in Kathmandu ends at 18:15 UTC.
        ("Asia/Kathmandu", "2026-03-29T18:14:59.999999+00:00", False),
        ("Asia/Kathmandu", "2026-03-29T18:15:00+00:00", True),
    ],
)
def test_a_day_has_ended_at_its_own_midnight(zone: str, now: str, ended: bool) -> None:
    day = date(2026, 3, 29)
    found = due_days(Grain.DAY, Calendar(ZoneInfo(zone)), day, datetime.fromisoformat(now), [])
    assert days(found) == ([(day, day)] if ended else [])


def test_a_day_of_23_and_one_of_25_hours_are_days() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        (one,) = due_days(Grain.DAY, BERLIN, day, datetime(day.year, day.month, day.day + 1, 12, tzinfo=UTC), [])
        assert one.bucket.span.until - one.bucket.span.since == timedelta(hours=hours)


def test_weeks_begin_where_the_makerspace_says_and_months_with_the_month() -> None:
    now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    first = date(2026, 2, 27)
    assert days(due_days(Grain.WEEK, BERLIN, first, now, [])) == [
        (date(2026, 2, 23), date(2026, 3, 1)),
        (date(2026, 3, 2), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
    ]
    assert days(due_days(Grain.WEEK, KATHMANDU, first, now, []))[-1] == (date(2026, 3, 8), date(2026, 3, 14))
    assert days(due_days(Grain.MONTH, BERLIN, first, now, [])) == [(date(2026, 2, 1), date(2026, 2, 28))]


def test_closed_days_are_not_due_and_neither_are_weeks_that_they_mostly_cover() -> None:
    now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    kept = [(date(2026, 2, 23), date(2026, 3, 1)), (date(2026, 3, 2), date(2026, 3, 8))]
    assert days(due_days(Grain.WEEK, BERLIN, date(2026, 2, 27), now, kept)) == [(date(2026, 3, 9), date(2026, 3, 15))]
    # Weeks now begin on Sunday: those of 22 February and 1 March have their Wednesdays in closed ones.
    assert days(due_days(Grain.WEEK, KATHMANDU, date(2026, 2, 27), now, kept)) == [
        (date(2026, 3, 8), date(2026, 3, 14))
    ]


def test_a_day_that_the_zone_skipped_is_not_due() -> None:
    apia = Calendar(ZoneInfo("Pacific/Apia"))
    found = due_days(Grain.DAY, apia, date(2011, 12, 29), datetime(2012, 1, 1, 12, tzinfo=UTC), [])
    assert [one.start_date.day for one in found] == [29, 31, 1]
    assert [one.end_date.day for one in found] == [29, 31, 1]


def test_nothing_is_due_before_the_first_day_or_ten_years_ago() -> None:
    now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    for grain in (Grain.DAY, Grain.WEEK, Grain.MONTH):
        assert due_days(grain, BERLIN, date(2026, 3, 16), now, []) == []
        assert due_days(grain, BERLIN, date(2027, 1, 1), now, []) == []
    assert due_days(Grain.DAY, BERLIN, date(1970, 1, 1), now, [])[0].start_date == date(2026, 3, 16) - FURTHEST


def test_runs_have_no_gaps_and_the_latest_comes_first() -> None:
    now, gap = datetime(2026, 3, 10, 12, tzinfo=UTC), date(2026, 3, 4)
    ended = due_days(Grain.DAY, BERLIN, date(2026, 3, 1), now, [(gap, gap)])
    assert [[one.start_date.day for one in run] for run in runs(ended, 3)] == [[7, 8, 9], [5, 6], [1, 2, 3]]
    assert runs([], 3) == []
