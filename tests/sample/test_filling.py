"""Filling is repeatable for a seed, idempotent, and leaves existing data alone."""

from datetime import UTC, datetime

import asyncpg
import pytest
from tests.sample.conftest import NOW, fill

from makrcave_analytics.sample import MAKERSPACES

FACTS = ("usage_events", "equipment_usage_logs", "inventory_analytics", "revenue_analytics")
TABLES = (
    *FACTS, "makerspaces", "members", "equipment", "inventory_items", "project_analytics", "freshness", "event_hours",
    "member_presence",
)  # fmt: skip


async def fetch(url: str, statement: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement, *arguments)
    finally:
        await connection.close()


async def digests(url: str) -> dict[str, str]:
    """Return table → digest of all its rows."""
    statement = "SELECT md5(string_agg(t::text, '\n' ORDER BY t::text)) AS digest FROM {} t"
    return {table: (await fetch(url, statement.format(table)))[0]["digest"] for table in TABLES}


async def origins(url: str) -> set[str]:
    return {row["origin"] for row in await fetch(url, "SELECT origin FROM makerspaces")}


async def facts(url: str) -> int:
    counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in FACTS)
    rows = await fetch(url, f"SELECT {counts} AS facts")
    return int(rows[0]["facts"])


async def test_the_same_seed_now_and_scale_give_the_same_rows(small, migrated_url, fresh_database) -> None:
    first = fresh_database(small)
    await fill(migrated_url)
    assert await digests(migrated_url) == await digests(first)


async def test_another_seed_gives_other_rows(small, migrated_url, fresh_database) -> None:
    first = fresh_database(small)
    await fill(migrated_url, seed=8, origin="LIVE")
    one, other = await digests(first), await digests(migrated_url)
    assert [table for table in (*FACTS, "members", "project_analytics") if one[table] == other[table]] == []
    assert await origins(migrated_url) == {"LIVE"}, "the origin that was asked for"


async def test_filling_again_changes_nothing(small, fresh_database) -> None:
    url = fresh_database(small)
    before = await digests(url)
    await fill(url, seed=99, now=datetime(2027, 1, 1, tzinfo=UTC))
    await fill(url, is_empty=True)
    assert await digests(url) == before


async def test_an_empty_sample_has_only_the_makerspaces_and_is_live(migrated_url) -> None:
    await fill(migrated_url, is_empty=True)
    rows = await fetch(migrated_url, "SELECT id, origin, time_zone, currency FROM makerspaces ORDER BY id")
    assert [tuple(row) for row in rows] == [(m.id, "LIVE", m.time_zone, m.currency) for m in MAKERSPACES]
    assert await facts(migrated_url) == 0
    assert await fetch(migrated_url, "SELECT FROM members") == []


async def test_a_makerspace_with_data_is_left_alone_and_empty_ones_become_a_sample(migrated_url) -> None:
    used = MAKERSPACES[1].id
    await fill(migrated_url, is_empty=True)
    await fetch(
        migrated_url,
        "INSERT INTO members (makerspace_id, user_id, number, pseudonym) VALUES ($1, 'ada', 0, 'p')",
        used,
    )
    await fill(migrated_url)
    rows = await fetch(migrated_url, "SELECT id, origin, data_version FROM makerspaces ORDER BY id")
    assert [(row["origin"], row["data_version"]) for row in rows] == [("SAMPLE", 1), ("LIVE", 0), ("SAMPLE", 1)]
    assert await fetch(migrated_url, "SELECT FROM usage_events WHERE makerspace_id = $1", used) == []


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2024, 3, 31, 1, 30, tzinfo=UTC), id="the night the clocks change in a leap year"),
        pytest.param(datetime(2035, 12, 25, 20, 15, 7, 123456, tzinfo=UTC), id="after the listed holidays"),
    ],
)
async def test_any_moment_can_be_now(migrated_url, now) -> None:
    await fill(migrated_url, now=now, scale=0.004)
    assert await fetch(migrated_url, AFTER, now) == []
    running = await fetch(migrated_url, "SELECT start_time FROM equipment_usage_logs WHERE end_time IS NULL")
    assert [row["start_time"] < now for row in running] == [True, True, True]
    first = await fetch(migrated_url, "SELECT min(timestamp) AS first FROM usage_events")
    assert 385 < (now - first[0]["first"]).days < 400


AFTER = """
    SELECT 'event' FROM usage_events WHERE greatest(timestamp, recorded_at) > $1
    UNION ALL
    SELECT 'session' FROM equipment_usage_logs WHERE greatest(start_time, end_time, recorded_at) > $1
    UNION ALL
    SELECT 'consumption' FROM inventory_analytics r JOIN makerspaces m ON m.id = r.makerspace_id
    WHERE r.date > ($1 AT TIME ZONE m.time_zone)::date OR recorded_at > $1
    UNION ALL
    SELECT 'revenue' FROM revenue_analytics r JOIN makerspaces m ON m.id = r.makerspace_id
    WHERE r.transaction_date > ($1 AT TIME ZONE m.time_zone)::date OR recorded_at > $1
    UNION ALL
    SELECT 'project' FROM project_analytics WHERE greatest(started_at, completed_at, cancelled_at, updated_at) > $1
"""


async def test_nothing_lies_after_now(whole) -> None:
    assert await whole.fetch(AFTER, NOW) == []
