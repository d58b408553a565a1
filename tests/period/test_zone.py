"""Days and hours begin by the local clock, also when the zone changes its offset."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.period import day_start, hour_start, hour_starts, local, local_day, next_hour
from makrcave_analytics.period.zone import first_instant

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

ODD_ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Asia/Beirut",
        "America/Havana",
        "America/St_Johns",
        "Antarctica/Troll",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Asia/Pyongyang",
    )
]
zones = st.sampled_from(ODD_ZONES)
days = st.dates(date(1975, 1, 1), date(2045, 12, 31))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes(zone: ZoneInfo, year: int) -> list[date]:
    """Return the local days of a year that do not last 24 hours."""
    all_days = [date(year, 1, 1) + n * DAY for n in range(365)]
    return [day for day in all_days if day_start(day + DAY, zone) - day_start(day, zone) != DAY]


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Europe/Berlin", date(2026, 11, 22), "2026-11-21T23:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00"),
        ("Europe/Berlin", date(2026, 3, 30), "2026-03-29T22:00"),
        ("Asia/Kathmandu", date(2026, 11, 22), "2026-11-21T18:15"),
        ("Asia/Kolkata", date(2026, 11, 22), "2026-11-21T18:30"),
        # Santiago springs forward at 24:00 of the 5th: the 6th begins at 01:00, -03.
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00"),
        # Cairo and Beirut spring forward at midnight too, from +02.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00"),
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00"),
        # Havana falls back from 01:00 to 00:00: of the two midnights the first, still -04.
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00"),
        # Kathmandu moved from +05:30 to +05:45 at midnight: the day began at 00:15.
        ("Asia/Kathmandu", date(1986, 1, 1), "1985-12-31T18:30"),
        # Apia skipped 30 December: it begins and ends with the 31st, +14.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00"),
    ],
)
def test_a_day_starts_with_its_first_instant(zone: str, day: date, start: str) -> None:
    assert day_start(day, ZoneInfo(zone)) == utc(start)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (BERLIN, date(2026, 11, 22), 24),
        (ZoneInfo("America/Santiago"), date(2026, 9, 6), 23),
        # 23:00 occurs twice, before the midnight that ends the day.
        (ZoneInfo("America/Santiago"), date(2026, 4, 4), 25),
        (ZoneInfo("Asia/Kathmandu"), date(2026, 11, 22), 24),
        # One of them lasts 90 minutes: of 23.5 hours, and of 24.5.
        (LORD_HOWE, date(2026, 10, 4), 23),
        (LORD_HOWE, date(2026, 4, 5), 24),
        # Two hours back and forth.
        (ZoneInfo("Antarctica/Troll"), date(2026, 3, 29), 22),
        (ZoneInfo("Antarctica/Troll"), date(2026, 10, 25), 26),
    ],
)
def test_a_day_has_as_many_hours_as_its_clock_shows(zone: ZoneInfo, day: date, hours: int) -> None:
    assert len(hour_starts(day_start(day, zone), day_start(day + DAY, zone), zone)) == hours


def test_hours_of_kathmandu_start_a_quarter_past_those_of_utc() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    starts = hour_starts(utc("2026-11-22T00:00"), utc("2026-11-22T02:15"), kathmandu)
    assert starts == [utc("2026-11-22T00:15"), utc("2026-11-22T01:15")]


def test_hours_repeat_when_the_clock_goes_back() -> None:
    starts = hour_starts(utc("2026-10-24T23:00"), utc("2026-10-25T03:00"), BERLIN)
    shown = [local(start, BERLIN) for start in starts]
    assert [start.isoformat() for start in shown] == [
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
    assert [start.fold for start in shown] == [0, 0, 1, 0]


def test_a_change_of_half_an_hour_makes_one_hour_of_ninety_minutes() -> None:
    # 02:00 becomes 02:30 at 15:30 UTC.
    starts = hour_starts(utc("2026-10-03T14:30"), utc("2026-10-03T17:30"), LORD_HOWE)
    assert starts == [utc("2026-10-03T14:30"), utc("2026-10-03T16:00"), utc("2026-10-03T17:00")]
    # 02:00 becomes 01:30 at 15:00 UTC.
    starts = hour_starts(utc("2026-04-04T14:00"), utc("2026-04-04T17:00"), LORD_HOWE)
    assert starts == [utc("2026-04-04T14:00"), utc("2026-04-04T15:30"), utc("2026-04-04T16:30")]
    assert hour_start(utc("2026-10-03T15:45"), LORD_HOWE) == utc("2026-10-03T14:30")
    assert hour_start(utc("2026-04-04T15:15"), LORD_HOWE) == utc("2026-04-04T14:00")


def test_an_hour_belongs_to_one_day_where_midnight_is_missing() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    starts = hour_starts(utc("1985-12-31T17:30"), utc("1985-12-31T20:00"), kathmandu)
    assert starts == [utc("1985-12-31T17:30"), utc("1985-12-31T18:30"), utc("1985-12-31T19:15")]


def test_a_skipped_clock_time_is_reached_at_the_jump() -> None:
    assert first_instant(datetime(2026, 3, 29, 2, 30), BERLIN) == utc("2026-03-29T01:00")  # noqa: DTZ001 - a clock
    assert first_instant(datetime(2026, 10, 25, 2, 30), BERLIN) == utc("2026-10-25T00:30")  # noqa: DTZ001 - face


def test_local_instants_can_be_subtracted_and_compared() -> None:
    # Under one ZoneInfo Python would say 24 hours here, and that the two 02:30 are equal.
    start, end = (local(day_start(date(2026, 10, 25 + n), BERLIN), BERLIN) for n in (0, 1))
    assert end - start == timedelta(hours=25)
    assert local(utc("2026-10-25T00:30"), BERLIN) < local(utc("2026-10-25T01:30"), BERLIN)


@pytest.mark.parametrize("zone", ODD_ZONES, ids=str)
def test_hours_match_a_walk_over_the_minutes_of_a_day_with_a_change(zone: ZoneInfo) -> None:
    for day in changes(zone, 2026):
        since, until = day_start(day, zone), day_start(day + DAY, zone)
        minutes = [since + n * MINUTE for n in range((until - since) // MINUTE)]
        full = [instant for instant in minutes if instant.astimezone(zone).minute == 0]
        assert hour_starts(since, until, zone) == full


@given(zones, days)
def test_days_follow_each_other_and_begin_on_their_date(zone: ZoneInfo, day: date) -> None:
    start, end = day_start(day, zone), day_start(day + DAY, zone)
    assert start <= end
    if start < end:
        assert local_day(start, zone) == day
        assert local_day(start - datetime.resolution, zone) < day


@given(zones, days)
def test_hours_tile_a_day(zone: ZoneInfo, day: date) -> None:
    since, until = day_start(day, zone), day_start(day + DAY, zone)
    starts = hour_starts(since, until, zone)
    assert starts[:1] == ([since] if since < until else [])
    assert all(next_hour(edge, zone) == following for edge, following in pairwise([*starts, until]))


@given(zones, st.datetimes(datetime(1975, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_lies_in_one_hour(zone: ZoneInfo, instant: datetime) -> None:
    start, end = hour_start(instant, zone), next_hour(instant, zone)
    assert start <= instant < end
    assert hour_start(start, zone) == start
    assert hour_start(end, zone) == end
    assert next_hour(start, zone) == end
