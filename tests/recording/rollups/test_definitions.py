"""Hours and presence by literal examples; and hours of the database start where those of period do."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from tests.recording.factories import PRESENCE

from makrcave_analytics.models import CHUNK_BITS
from makrcave_analytics.period import hour_start
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.rollups import definitions
from makrcave_analytics.recording.rollups.definitions import rebuild
from makrcave_analytics.recording.rollups.verify import verify_rollups

HOURS = """
    SELECT to_char(hour_start AT TIME ZONE 'UTC', 'DD HH24:MI'), event_type, local_day::text, hour_of_day, events
    FROM event_hours ORDER BY hour_start, event_type
"""


def event(at: str, event_type: str = "login", user_id: str | None = None) -> UsageEventInput:
    return UsageEventInput(event_type, user_id=user_id, timestamp=datetime.fromisoformat(at))


async def rows(owner, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await owner.fetch(query)]


async def test_the_double_hour_of_berlin_is_two_hours(record, make_makerspace, owner) -> None:
    # On 26 October 2025 clocks went from 03:00 +02:00 back to 02:00 +01:00, at 01:00 UTC.
    makerspace = await make_makerspace("Europe/Berlin")
    batch = [
        event("2025-10-25T23:59:59.999999+02:00"),
        event("2025-10-26T02:00:00+02:00"),
        event("2025-10-26T02:59:59+02:00"),
        event("2025-10-26T02:30:00+01:00"),
        event("2025-10-26T02:45:00+01:00", "logout"),
        event("2025-10-26T23:59:59+01:00"),
    ]
    await record(makerspace, batch)
    assert await rows(owner, HOURS) == [
        ("25 21:00", "login", "2025-10-25", 23, 1),
        ("26 00:00", "login", "2025-10-26", 2, 2),
        ("26 01:00", "login", "2025-10-26", 2, 1),
        ("26 01:00", "logout", "2025-10-26", 2, 1),
        ("26 22:00", "login", "2025-10-26", 23, 1),
    ]


async def test_the_hours_of_kathmandu_begin_at_a_quarter_past(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    # Midnight at +05:45 is 18:15 UTC of the day before.
    await record(makerspace, [event("2026-02-10T18:14:59+00:00"), event("2026-02-10T18:15:00+00:00")])
    assert await rows(owner, HOURS) == [
        ("10 17:15", "login", "2026-02-10", 23, 1),
        ("10 18:15", "login", "2026-02-11", 0, 1),
    ]


async def test_batches_add_up_by_hour_type_and_category(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace("UTC")
    for _ in range(2):
        await record(makerspace, [event("2026-02-10T10:10:00+00:00"), event("2026-02-10T10:50:00+00:00")])
    elsewhere = UsageEventInput("login", event_category="kiosk", timestamp=datetime(2026, 2, 10, 10, 30, tzinfo=UTC))
    await record(makerspace, [elsewhere])
    assert await rows(owner, "SELECT event_category, hour_of_day, events FROM event_hours ORDER BY 1") == [
        ("authentication", 10, 4),
        ("kiosk", 10, 1),
    ]


async def test_people_are_present_by_local_day_and_visit_by_access(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    await record(
        makerspace,
        [
            event("2026-02-10T18:14:59+00:00", "login", "asha"),
            event("2026-02-10T18:15:00+00:00", "door_access", "asha"),
            event("2026-02-11T05:00:00+00:00", "login", "ben"),
            event("2026-02-11T06:00:00+00:00", "check_in", None),
        ],
    )
    await record(makerspace, [event("2026-02-11T07:00:00+00:00", "check_in", "ben")])
    assert await rows(owner, PRESENCE) == [
        ("2026-02-10", "any", "asha"),
        ("2026-02-11", "any", "asha ben"),
        ("2026-02-11", "visit", "asha ben"),
    ]


async def test_members_beyond_a_chunk_are_in_the_next(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("UTC")
    people = [f"m{n:05}" for n in range(CHUNK_BITS + 2)]
    for start in range(0, len(people), 1000):
        await record(
            makerspace, [event("2026-02-10T10:00:00+00:00", "login", who) for who in people[start : start + 1000]]
        )
    assert await rows(owner, "SELECT kind, chunk, bit_count(bits) FROM member_presence ORDER BY chunk") == [
        ("any", 0, CHUNK_BITS),
        ("any", 1, 2),
    ]
    assert await verify_rollups(database, makerspace) == []


SESSIONS = [
    # Berlin is UTC+1 then: 22:30 to 23:30 UTC is 23:30 to 00:30.
    ("asha", "2026-02-10T22:30:00+00:00", "2026-02-10T23:30:00+00:00", "use", False),
    # Until midnight sharp: the next day is not touched.
    ("ben", "2026-02-10T22:30:00+00:00", "2026-02-10T23:00:00+00:00", "cutting", False),
    # Still running: the day it starts.
    ("carl", "2026-02-10T22:30:00+00:00", None, "use", False),
    ("dora", "2026-02-10T10:00:00+00:00", "2026-02-10T11:00:00+00:00", "maintenance", False),
    ("emil", "2026-02-10T10:00:00+00:00", "2026-02-10T11:00:00+00:00", "repair", False),
    ("finn", "2026-02-10T10:00:00+00:00", "2026-02-10T11:00:00+00:00", "use", True),
    ("gita", "2026-02-12T10:00:00+00:00", "2026-02-12T10:00:00+00:00", "use", False),
]


async def test_rebuilding_counts_use_sessions_by_each_day_they_touch(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    await owner.executemany(
        """INSERT INTO equipment_usage_logs
           (makerspace_id, id, equipment_id, user_id, start_time, end_time, usage_type, voided_at)
           VALUES ($1, gen_random_uuid(), 'm1', $2, $3, $4, $5, CASE WHEN $6 THEN now() END)""",
        [
            (makerspace.value, who, datetime.fromisoformat(start), end and datetime.fromisoformat(end), kind, void)
            for who, start, end, kind, void in SESSIONS
        ],
    )
    await owner.executemany(
        "INSERT INTO members (makerspace_id, user_id, number, pseudonym) VALUES ($1, $2, $3, '')",
        [(makerspace.value, session[0], number) for number, session in enumerate(SESSIONS)],
    )
    async with database.write(makerspace) as connection:
        await rebuild(connection, makerspace.value, "Europe/Berlin")
    days = [("2026-02-10", "asha ben carl"), ("2026-02-11", "asha"), ("2026-02-12", "gita")]
    assert await rows(owner, PRESENCE) == [(day, kind, who) for day, who in days for kind in ("any", "visit")]
    seen = "SELECT user_id FROM members WHERE first_seen_on = '2026-02-10' ORDER BY 1"
    assert await rows(owner, seen) == [("asha",), ("ben",), ("carl",), ("dora",), ("emil",)]
    assert await verify_rollups(database, makerspace) == []


async def test_rebuilding_from_the_facts_gives_what_recording_counted(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    batch = [
        event(f"2025-10-{day}T{hour:02}:17:00+00:00", "check_in", f"u{hour % 5}")
        for day in (25, 26)
        for hour in range(24)
    ]
    await record(makerspace, batch)
    before = [await rows(owner, query) for query in (HOURS, PRESENCE)]
    await owner.execute("DELETE FROM event_hours")
    await owner.execute("UPDATE member_presence SET bits = ~bits")
    await owner.execute("UPDATE members SET first_seen_on = NULL")
    async with database.write(makerspace) as connection:
        await rebuild(connection, makerspace.value, "Europe/Berlin")
    assert [await rows(owner, query) for query in (HOURS, PRESENCE)] == before
    assert await verify_rollups(database, makerspace) == []


async def test_rollups_from_before_the_kept_events_stay(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("UTC")
    batch = [event(f"2026-02-{day}T10:00:00+00:00", "check_in", "asha") for day in (10, 11, 12)]
    await record(makerspace, batch)
    before = [await rows(owner, query) for query in (HOURS, PRESENCE)]
    await owner.execute("DELETE FROM usage_events WHERE timestamp < '2026-02-12T00:00Z'")
    await owner.execute("UPDATE makerspaces SET events_kept_since = '2026-02-12T00:00Z'")
    assert await verify_rollups(database, makerspace) == []
    async with database.write(makerspace) as connection:
        await rebuild(connection, makerspace.value, "UTC")
    assert [await rows(owner, query) for query in (HOURS, PRESENCE)] == before
    assert await rows(owner, "SELECT first_seen_on::text FROM members") == [("2026-02-10",)]
    assert await verify_rollups(database, makerspace) == []


CHANGES = {
    "Europe/Berlin": [datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)],
    # Half an hour, at 02:00.
    "Australia/Lord_Howe": [datetime(2025, 4, 5, 15, tzinfo=UTC), datetime(2025, 10, 4, 15, 30, tzinfo=UTC)],
    # At midnight: the day that begins has no first hour, or two.
    "America/Havana": [datetime(2025, 3, 9, 5, tzinfo=UTC), datetime(2025, 11, 2, 5, tzinfo=UTC)],
    # From +05:30 to +05:45, at midnight.
    "Asia/Kathmandu": [datetime(1985, 12, 31, 18, 30, tzinfo=UTC)],
    # A whole day was left out.
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC)],
    "Asia/Pyongyang": [datetime(2015, 8, 14, 15, tzinfo=UTC), datetime(2018, 5, 4, 15, tzinfo=UTC)],
}


@pytest.mark.parametrize("zone", CHANGES)
async def test_hours_of_the_database_equal_those_of_period(owner, zone) -> None:
    instants = [change + timedelta(minutes=7 * n) for change in CHANGES[zone] for n in range(-400, 400)]
    instants += [change + timedelta(minutes=n) for change in CHANGES[zone] for n in range(-120, 121, 15)]
    events = (
        "(SELECT $1::uuid AS makerspace_id, 'a' AS event_type, 'b' AS event_category, $3::timestamptz AS timestamp)"
    )
    statement = await owner.prepare(definitions.hours_of(events))
    makerspace_id = uuid4()
    for instant in instants:
        row = await statement.fetchrow(makerspace_id, zone, instant)
        assert row["hour_start"] == hour_start(instant, ZoneInfo(zone)), instant
