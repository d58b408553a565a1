"""Old raw events are removed, and their roll-ups stay."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.recording.factories import login, statuses

from makrcave_analytics.errors import Conflict, Unavailable
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.rollups.verify import repair, verify_rollups
from makrcave_analytics.recording.settings.time_zone import change_zone
from makrcave_analytics.recording.writing.retention import remove_old_events, remove_old_events_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEPT = "SELECT events_kept_since FROM makerspaces WHERE id = $1"


def at(day: int, hour: int = 12, **fields: object) -> UsageEventInput:
    return login(timestamp=datetime(2026, 2, day, hour, tzinfo=UTC), **fields)


async def counted(owner) -> list[object]:
    queries = (
        "SELECT * FROM event_hours ORDER BY 1, 2, 3, 4",
        "SELECT * FROM member_presence ORDER BY 1, 2, 3, 4",
        "SELECT * FROM members ORDER BY 1, 2",
    )
    return [[tuple(row) for row in await owner.fetch(query)] for query in queries]


async def test_events_before_a_local_midnight_are_removed_and_the_rollups_stay(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    # Ten days before 1 March are until 19 February, which begins in Kathmandu on the 18th at 18:15 UTC.
    await record(makerspace, [at(1), at(18, 18), at(18, 19), at(28, user_id="ben")])
    before = await counted(owner)
    assert await remove_old_events(database, days=10, now=NOW) == 2
    assert await owner.fetchval(KEPT, makerspace.value) == datetime(2026, 2, 18, 18, 15, tzinfo=UTC)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2
    assert await counted(owner) == before
    assert await verify_rollups(database, makerspace) == []
    assert await repair(database, makerspace) == 3
    assert await counted(owner) == before
    assert await verify_rollups(database, makerspace) == []


async def test_afterwards_older_facts_are_refused_and_the_zone_is_fixed(record, make_makerspace, database) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [at(1), at(28)])
    await remove_old_events(database, days=10, now=NOW)
    outcome = await record(makerspace, [at(1), at(18, 23), at(19, 0)])
    assert statuses(outcome) == ["INVALID", "INVALID", "RECORDED"]
    with pytest.raises(Conflict):
        await change_zone(database, makerspace, "Europe/Berlin")
    assert await verify_rollups(database, makerspace) == []


async def test_a_makerspace_without_old_events_is_unchanged(record, make_makerspace, owner, database) -> None:
    empty, young = await make_makerspace(), await make_makerspace()
    await record(young, [at(28)])
    assert await remove_old_events(database, days=10, now=NOW) == 0
    assert await remove_old_events_of(database, empty, days=10, now=NOW) == 0
    rows = await owner.fetch("SELECT data_version, events_kept_since FROM makerspaces ORDER BY 1")
    assert [tuple(row) for row in rows] == [(0, None), (1, None)]


async def test_each_batch_removes_whole_days_and_raises_the_first_kept_day(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [at(day, hour) for day in (3, 4, 5, 6) for hour in range(4)] + [at(28)])
    # Of six a batch, whole days of four: one day each, and none goes in two.
    assert await remove_old_events(database, days=10, now=NOW, batch=6) == 16
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 5
    assert await owner.fetchval(KEPT, makerspace.value) == datetime(2026, 2, 19, tzinfo=UTC)
    assert await verify_rollups(database, makerspace) == []


async def test_a_day_larger_than_a_batch_is_removed_at_once(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [at(3, 1) for _ in range(9)] + [at(5, 1)])
    assert await remove_old_events(database, days=10, now=NOW, batch=2) == 10
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 3


async def test_a_removal_cut_off_between_batches_continues_the_next_time(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [at(3), at(4), at(5), at(28)])
    await owner.execute(
        """CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.events_kept_since > '2026-02-04T00:00Z' THEN RAISE admin_shutdown; END IF; RETURN NEW;
           END $$; CREATE TRIGGER stop BEFORE UPDATE ON makerspaces FOR EACH ROW EXECUTE FUNCTION stop()"""
    )
    with pytest.raises(Unavailable):
        await remove_old_events(database, days=10, now=NOW, batch=1)
    assert await owner.fetchval(KEPT, makerspace.value) == datetime(2026, 2, 4, tzinfo=UTC)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 3
    assert await verify_rollups(database, makerspace) == []
    await owner.execute("DROP TRIGGER stop ON makerspaces")
    assert await remove_old_events(database, days=10, now=NOW, batch=1) == 2
    assert await verify_rollups(database, makerspace) == []


async def test_the_first_kept_day_only_grows(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [at(1), at(28)])
    await remove_old_events(database, days=10, now=NOW)
    await remove_old_events(database, days=20, now=NOW + timedelta(hours=1))
    assert await owner.fetchval(KEPT, makerspace.value) == datetime(2026, 2, 19, tzinfo=UTC)
