"""Cron in a makerspace's zone: each night of a changing clock by hand, and a brute-force oracle for the rest."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makrcave_analytics.errors import Invalid
from makrcave_analytics.reports.schedules.cron import check_cron, next_run

BERLIN, KATHMANDU, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"))


def runs(cron: str, zone: ZoneInfo, after: str, count: int) -> list[str]:
    """The first runs after a UTC time, as UTC."""
    found, at = [], datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        at = next_run(check_cron(cron), zone, at)
        found.append(f"{at:%m-%dT%H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # A Monday at 8 in Berlin is 7 UTC in winter, 6 in summer; the change is on Sunday 29 March.
        ("0 8 * * MON", BERLIN, "2026-03-20T00:00", ["03-23T07:00", "03-30T06:00"]),
        ("0 8 * * 1", KATHMANDU, "2026-03-20T00:00", ["03-23T02:15", "03-30T02:15"]),
        # 02:30 is missing that night: the run comes at 03:00 summer time, which is 01:00 UTC, and only once.
        ("30 2 * * *", BERLIN, "2026-03-28T00:00", ["03-28T01:30", "03-29T01:00", "03-30T00:30"]),
        ("0,30 2 * * *", BERLIN, "2026-03-29T00:00", ["03-29T01:00", "03-30T00:00"]),
        # 02:30 comes twice on 25 October: the run is the first, at 00:30 UTC.
        ("30 2 * * *", BERLIN, "2026-10-24T12:00", ["10-25T00:30", "10-26T01:30"]),
        # Asked between the two, the second is not taken for a new one, nor the first again.
        ("30 2 * * *", BERLIN, "2026-10-25T00:45", ["10-26T01:30"]),
        ("30 2 * * *", BERLIN, "2026-10-25T01:15", ["10-26T01:30"]),
        # Every real hour counts: 25 runs that day, of which two show 2 h; and 23 in spring.
        ("0 * * * *", BERLIN, "2026-10-24T23:00", ["10-25T00:00", "10-25T01:00", "10-25T02:00"]),
        ("0 * * * *", BERLIN, "2026-03-29T00:00", ["03-29T01:00", "03-29T02:00"]),
        # Half an hour's change on Lord Howe (4 October 2026, 02:00 becomes 02:30).
        ("15 2 * * *", LORD_HOWE, "2026-10-03T00:00", ["10-03T15:30", "10-04T15:15"]),
        ("0 0 1 * *", KATHMANDU, "2026-12-01T00:00", ["12-31T18:15", "01-31T18:15"]),
        ("0 6 L * *", BERLIN, "2028-02-01T00:00", ["02-29T05:00", "03-31T04:00"]),
        ("0 6 29 2 *", BERLIN, "2026-03-01T00:00", ["02-29T05:00"]),
        ("0 6 * * FRI#1", BERLIN, "2026-11-25T00:00", ["12-04T05:00"]),
    ],
)
def test_runs_follow_the_local_clock(cron, zone, after, expected) -> None:
    assert runs(cron, zone, after, len(expected)) == expected


@settings(max_examples=25)
@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.sampled_from([BERLIN, KATHMANDU, LORD_HOWE, ZoneInfo("America/St_Johns")]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001
)
def test_a_daily_run_comes_once_each_local_day_and_never_in_the_past(minute, hour, zone, start) -> None:
    at, days = start.replace(tzinfo=UTC), []
    for _ in range(10):
        following = next_run(f"{minute} {hour} * * *", zone, at)
        assert following > at
        there = following.astimezone(zone)
        assert timedelta(0) <= timedelta(hours=there.hour - hour, minutes=there.minute - minute) <= timedelta(hours=1)
        days.append(there.date())
        at = following
    assert all(later - day == timedelta(days=1) for day, later in pairwise(days))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("0 8 * * mon", "0 8 * * MON"), ("  */15   9-17 * jan,dec  1-5 ", "*/15 9-17 * JAN,DEC 1-5")],
)
def test_spellings_become_canonical(raw, kept) -> None:
    assert check_cron(raw) == kept


BAD = [
    *("", "nonsense", "* * * *", "* * * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 13 *"),
    *("0 0 * * 8", "0 0 * * MO", "@daily", "*/0 * * * *", "5-1 * * * *", "a b c d e", "0 0 30 2 *", "0 0 31 4,6 *"),
    *(
        "-1 * * * *",
        "0 0 * * L",
        "0 0 * * 1#6",
        "1/2/3 * * * *",
        "٣ * * * *",
        "0 0 * * *\x00",
        "0 " * 60,
        "0 0 L/x * *",
    ),
    *("0 0 * * 5L/2", "0 0 * * MON#1/2", "0 0 LW,40 * *"),
]


@pytest.mark.parametrize("raw", BAD)
def test_an_invalid_expression_is_refused_with_what_is_accepted(raw) -> None:
    with pytest.raises(Invalid, match=r"0 8 \* \* MON|never comes") as refused:
        check_cron(raw)
    assert refused.value.path == ("input", "cron")


@settings(max_examples=60)
@given(st.text(alphabet="0123456789*/-,#LWMONJA ", max_size=20))
def test_any_text_is_accepted_or_refused(raw) -> None:
    try:
        cron = check_cron(raw)
    except Invalid:
        return
    assert next_run(cron, BERLIN, datetime(2026, 1, 1, tzinfo=UTC)) is not None
