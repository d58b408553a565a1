"""Every kind of difference is found and repaired."""

from datetime import UTC, date, datetime, timedelta

import pytest

from makrcave_analytics.errors import NotFound
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.rollups.verify import SHOWN, Difference, repair, verify_all, verify_rollups

TEN = datetime(2026, 2, 10, 10, tzinfo=UTC)
DAY = date(2026, 2, 10)
HOUR = (TEN, "check_in", "access")


@pytest.fixture
async def makerspace(make_makerspace, record):
    made = await make_makerspace("UTC")
    await record(made, [UsageEventInput("check_in", user_id=who, timestamp=TEN) for who in ("asha", "ben")])
    return made


async def test_recorded_facts_show_no_difference(makerspace, database) -> None:
    assert await verify_rollups(database, makerspace) == []


SPOILED = {
    "a wrong count": (
        "UPDATE event_hours SET events = 3",
        [Difference("event_hours", HOUR, (DAY, 10, 3), (DAY, 10, 2), 1)],
    ),
    "a wrong day": (
        "UPDATE event_hours SET local_day = '2026-02-09'",
        [Difference("event_hours", HOUR, (date(2026, 2, 9), 10, 2), (DAY, 10, 2), 1)],
    ),
    "a row missing": ("DELETE FROM event_hours", [Difference("event_hours", HOUR, None, (DAY, 10, 2), 1)]),
    "a row too many": (
        "INSERT INTO event_hours SELECT makerspace_id, hour_start, 'login', 'x', local_day, 10, 0 FROM event_hours",
        [Difference("event_hours", (TEN, "login", "x"), (DAY, 10, 0), None, 1)],
    ),
    "somebody absent": (
        "UPDATE member_presence SET bits = set_bit(bits, 1, 0) WHERE kind = 'any'",
        [Difference("member_presence", (DAY, "any", 0), (), (1,), 1)],
    ),
    "somebody else present": (
        "UPDATE member_presence SET bits = set_bit(set_bit(bits, 1, 0), 4095, 1) WHERE kind = 'visit'",
        [Difference("member_presence", (DAY, "visit", 0), (4095,), (1,), 1)],
    ),
    "a day missing": (
        "DELETE FROM member_presence WHERE kind = 'any'",
        [Difference("member_presence", (DAY, "any", 0), None, (0, 1), 1)],
    ),
    "first seen on another day": (
        "UPDATE members SET first_seen_on = '2026-02-11' WHERE user_id = 'ben'",
        [Difference("members", ("ben", "first_seen_on"), (date(2026, 2, 11),), (DAY,), 1)],
    ),
}


@pytest.mark.parametrize(("statement", "differences"), SPOILED.values(), ids=SPOILED)
async def test_a_difference_is_found_and_repaired(makerspace, database, owner, statement, differences) -> None:
    await owner.execute(statement)
    assert await verify_rollups(database, makerspace) == differences
    assert await repair(database, makerspace) == 2
    assert await verify_rollups(database, makerspace) == []


async def test_of_many_differences_a_hundred_are_returned_and_all_counted(makerspace, database, owner) -> None:
    await owner.execute(
        """INSERT INTO event_hours SELECT makerspace_id, hour_start + n * interval '1 hour', 'a', 'b', local_day, 0, 1
           FROM event_hours, generate_series(1, 130) n"""
    )
    found = await verify_rollups(database, makerspace)
    assert (len(found), {difference.of for difference in found}) == (SHOWN, {130})


async def test_other_makerspaces_are_not_compared(makerspace, make_makerspace, record, database, owner) -> None:
    other = await make_makerspace("UTC")
    await record(other, [UsageEventInput("check_in", user_id="zoe", timestamp=TEN + timedelta(hours=1))])
    await owner.execute("DELETE FROM event_hours WHERE makerspace_id = $1", other.value)
    assert await verify_rollups(database, makerspace) == []
    assert {m.value: len(found) async for m, found in verify_all(database)} == {makerspace.value: 0, other.value: 1}


async def test_an_unknown_makerspace_is_not_found(unknown_makerspace, database) -> None:
    for act in (verify_rollups, repair):
        with pytest.raises(NotFound):
            await act(database, unknown_makerspace)
