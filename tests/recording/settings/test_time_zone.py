from datetime import UTC, datetime

import pytest

from makrcave_analytics.errors import Conflict, Invalid, NotFound
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.settings.time_zone import change_zone

DAYS = "SELECT local_day::text, hour_of_day, events FROM event_hours ORDER BY 1, 2"
LATE = UsageEventInput("check_in", "e1", "asha", timestamp=datetime(2026, 2, 10, 20, 30, tzinfo=UTC))


async def test_days_and_hours_follow_the_new_zone(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    await record(makerspace, [LATE])
    assert [tuple(row) for row in await owner.fetch(DAYS)] == [("2026-02-10", 21, 1)]
    assert await change_zone(database, makerspace, "Asia/Kathmandu") == 2
    assert [tuple(row) for row in await owner.fetch(DAYS)] == [("2026-02-11", 2, 1)]
    assert await owner.fetchval("SELECT string_agg(DISTINCT local_day::text, ' ') FROM member_presence") == "2026-02-11"
    assert await owner.fetchval("SELECT first_seen_on::text FROM members") == "2026-02-11"
    assert await verify_rollups(database, makerspace) == []


async def test_later_facts_are_counted_by_the_new_zone(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    await change_zone(database, makerspace, "Asia/Kathmandu")
    await record(makerspace, [LATE])
    assert [tuple(row) for row in await owner.fetch(DAYS)] == [("2026-02-11", 2, 1)]


async def test_the_same_zone_again_changes_nothing(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin", data_version=7)
    assert await change_zone(database, makerspace, "Europe/Berlin") == 7
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 7


@pytest.mark.parametrize(
    "zone", ["Europe/Atlantis", "europe/berlin", "+02:00", "", "../etc/passwd", "Europe/Berlin\x00"]
)
async def test_an_unknown_zone_is_refused(make_makerspace, database, zone) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    with pytest.raises(Invalid) as refused:
        await change_zone(database, makerspace, zone)
    assert refused.value.path == ("timeZone",)


async def test_the_zone_is_fixed_once_old_events_were_removed(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin", events_kept_since=datetime(2026, 1, 31, 23, tzinfo=UTC))
    with pytest.raises(Conflict):
        await change_zone(database, makerspace, "Asia/Kathmandu")
    assert tuple(await owner.fetchrow("SELECT time_zone, data_version FROM makerspaces")) == ("Europe/Berlin", 0)


async def test_an_unknown_makerspace_is_not_found(unknown_makerspace, database) -> None:
    with pytest.raises(NotFound):
        await change_zone(database, unknown_makerspace, "Asia/Kathmandu")
