"""Closing figures: every metric as of its end, stored once by any worker, and never changed."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.metrics.asking import Asking
from tests.metrics.conftest import asking
from tests.metrics.scenario import (
    insert,
    insert_consumption,
    insert_event,
    insert_members,
    insert_payment,
    insert_session,
    roll_up,
)
from tests.plugins.database import mint

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.recording.writing.retention import remove_old_events
from makrcave_analytics.snapshots import close_due
from makrcave_analytics.snapshots.figures import LEVELS, written

__all__ = ["asking"]

KEPT = """SELECT grain, start_date, end_date, since, until, data_version, figures::text
          FROM analytics_snapshots WHERE makerspace_id = $1 ORDER BY grain, start_date"""
CLOSES = """
import asyncio, sys
from datetime import datetime
from makrcave_analytics.db import Database
from makrcave_analytics.snapshots import close_due
asyncio.run(close_due(Database(sys.argv[1]), lambda: datetime.fromisoformat("2026-03-29T22:00:30+00:00")))
"""
LEVEL_KEYS = {metric.key for metric in LEVELS}


def clock(text: str) -> Callable[[], datetime]:
    return lambda: datetime.fromisoformat(text)


async def figure(owner: asyncpg.Connection, section: str, key: str, grain: str = "DAY") -> dict[str, str | None]:
    rows = await owner.fetch(
        "SELECT start_date, figures #>> ARRAY[$1, $2] AS value FROM analytics_snapshots WHERE grain = $3 ORDER BY 1",
        section, key, grain,
    )  # fmt: skip
    return {f"{row['start_date']:%m-%d}": row["value"] for row in rows}


@pytest.fixture
async def berlin(make_makerspace: Any, owner: asyncpg.Connection, database: Database) -> MakerspaceId:
    """Created on 28 March 2026, with facts just before and after the midnights of the 29th, a day of 23 hours."""
    makerspace = await make_makerspace(created_at=datetime(2026, 3, 28, 9, tzinfo=UTC))
    await insert_members(owner, makerspace, "ada", "ben", joined_on=date(2026, 3, 1), is_synced=True)
    for user, at in (
        ("ada", "2026-03-28T22:59:59+00:00"),  # the 28th
        ("ada", "2026-03-28T23:00:00+00:00"),  # the 29th, until 22:00 UTC
        ("ben", "2026-03-29T21:59:59+00:00"),
        ("ben", "2026-03-29T22:00:00+00:00"),  # the 30th
    ):
        await insert_event(owner, makerspace, datetime.fromisoformat(at), user, "login")
    # From 23:00 on the 28th to 01:30 on the 29th, by the clock.
    start = datetime(2026, 3, 28, 22, tzinfo=UTC)
    await insert_session(owner, makerspace, "ada", start, start + timedelta(hours=2, minutes=30))
    await insert_payment(owner, makerspace, date(2026, 3, 29), "119.00", tax_amount=Decimal(19))
    await insert_consumption(owner, makerspace, date(2026, 3, 29), "pla", "0.3", "12.35")
    await insert(
        owner, "inventory_items", makerspace.value, item_id="pla", on_hand=Decimal("1.5"), unit_cost=Decimal("19.90"),
        reorder_point=Decimal(2),
    )  # fmt: skip
    await roll_up(database, makerspace, "Europe/Berlin")
    return makerspace


async def test_a_day_is_closed_at_its_midnight_with_every_metric(berlin, owner, database) -> None:
    assert await close_due(database, clock("2026-03-29T21:59:59+00:00")) == 1  # the 28th
    assert await close_due(database, clock("2026-03-29T22:00:00+00:00")) == 2  # the 29th, a Sunday, and its week
    assert await close_due(database, clock("2026-03-30T12:00:00+00:00")) == 0
    assert await figure(owner, "USAGE", "logins") == {"03-28": "1", "03-29": "2"}
    assert await figure(owner, "USAGE", "logins", "WEEK") == {"03-23": "3"}
    assert await figure(owner, "USAGE", "activeMembers") == {"03-28": "1", "03-29": "2"}
    assert await figure(owner, "USAGE", "activeMembers", "WEEK") == {"03-23": "2"}
    assert await figure(owner, "USAGE", "members") == {"03-28": "2", "03-29": "2"}
    assert await figure(owner, "EQUIPMENT", "usedHours") == {"03-28": "1", "03-29": "1.5"}
    assert await figure(owner, "REVENUE", "netRevenue") == {"03-28": "0.00", "03-29": "100.00"}
    assert await figure(owner, "REVENUE", "averageTransaction") == {"03-28": None, "03-29": "119.00"}
    assert await figure(owner, "INVENTORY", "quantityConsumed") == {"03-28": "0", "03-29": "0.3"}
    rows = await owner.fetch("SELECT figures FROM analytics_snapshots")
    keys = {(metric.section.value, metric.key) for metric in CATALOG}
    for row in rows:
        figures = json.loads(row["figures"])
        assert figures.pop("currency") == "EUR"
        assert {(section, key) for section, values in figures.items() for key in values} == keys
        assert all(value is None or isinstance(value, str) for values in figures.values() for value in values.values())
    since, until = await owner.fetchrow("SELECT since, until FROM analytics_snapshots WHERE start_date = '2026-03-29'")
    assert (until - since, until) == (timedelta(hours=23), datetime(2026, 3, 29, 22, tzinfo=UTC))


async def test_kathmandu_closes_at_its_own_midnight(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu", currency="NPR", created_at=datetime(2026, 3, 27, tzinfo=UTC))
    for at in ("2026-03-28T18:14:59+00:00", "2026-03-28T18:15:00+00:00"):  # the last of the 28th, the first of the 29th
        await insert_event(owner, makerspace, datetime.fromisoformat(at), None, "login")
    await roll_up(database, makerspace, "Asia/Kathmandu")
    await close_due(database, clock("2026-03-29T18:14:00+00:00"))
    assert await figure(owner, "USAGE", "logins") == {"03-27": "0", "03-28": "1"}
    await close_due(database, clock("2026-03-29T18:16:00+00:00"))
    assert await figure(owner, "USAGE", "logins") == {"03-27": "0", "03-28": "1", "03-29": "1"}


async def test_levels_are_stored_in_time_and_unknown_for_days_closed_too_late(berlin, owner, database) -> None:
    await close_due(database, clock("2026-03-29T22:59:00+00:00"))  # of the 29th in time, of the 28th a day late
    assert await figure(owner, "INVENTORY", "stockValue") == {"03-28": None, "03-29": "29.85"}
    assert await figure(owner, "INVENTORY", "lowStockItems") == {"03-28": None, "03-29": "1"}
    assert await figure(owner, "EQUIPMENT", "machinesOverdue") == {"03-28": None, "03-29": "0"}
    assert await figure(owner, "INVENTORY", "lowStockItems", "WEEK") == {"03-23": "1"}, "that of its last day"
    await owner.execute("UPDATE inventory_items SET on_hand = 100")
    await close_due(database, clock("2026-03-30T23:00:01+00:00"))  # more than an hour late
    assert (await figure(owner, "INVENTORY", "lowStockItems"))["03-30"] is None


async def test_past_levels_are_the_stored_ones(berlin, api, database) -> None:
    ask = """{ inventory(period: {range: {startDate: "2026-03-28", endDate: "2026-03-30"}}, compareTo: PREVIOUS_PERIOD)
        { lowStockItems { value previous series(grain: DAY) { value } } } }"""
    yesterday = """{ inventory(period: {preset: YESTERDAY}) { lowStockItems { value } stockValue { decimal } }
        equipment(period: {preset: YESTERDAY}) { machinesOverdue { value } } }"""
    await close_due(database, clock("2026-03-29T22:00:30+00:00"))
    api.now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    found = (await api.ask(ask, berlin))["inventory"]["lowStockItems"]
    assert [point["value"] for point in found["series"]] == [None, 1.0, 1.0]
    assert await api.ask(yesterday, berlin) == {
        "inventory": {"lowStockItems": {"value": 1.0}, "stockValue": {"decimal": "29.85"}},
        "equipment": {"machinesOverdue": {"value": 0.0}},
    }


async def test_later_facts_do_not_change_closing_figures(berlin, owner, database) -> None:
    await close_due(database, clock("2026-03-29T22:00:30+00:00"))
    before = await owner.fetch(KEPT, berlin.value)
    await insert_event(owner, berlin, datetime(2026, 3, 29, 12, tzinfo=UTC), "ben", "login")
    await roll_up(database, berlin, "Europe/Berlin")
    await owner.execute("UPDATE closings SET closed_on = NULL")  # as if the closed day was unknown
    assert await close_due(database, clock("2026-03-29T22:00:40+00:00")) == 0
    assert await owner.fetch(KEPT, berlin.value) == before


async def test_the_version_rises_only_where_levels_become_known(berlin, owner, database) -> None:
    version = "SELECT data_version, section_versions::text FROM makerspaces"
    await close_due(database, clock("2026-03-29T12:00:00+00:00"))  # the 28th, too late for its levels
    assert tuple(await owner.fetchrow(version)) == (0, "{}")
    await close_due(database, clock("2026-03-29T22:00:30+00:00"))
    assert tuple(await owner.fetchrow(version)) == (1, '{"EQUIPMENT": 1, "INVENTORY": 1}')


async def test_days_closed_later_have_the_same_figures(
    sample_template, fresh_database, asking: Callable[..., Asking]
) -> None:
    """Each metric of each day of a week equals the metric queried for that day alone."""
    url = fresh_database(sample_template)
    database, owner = Database(url), await asyncpg.connect(url)
    try:
        now = datetime(2028, 11, 17, 13, 30, tzinfo=UTC)
        place: UUID = await owner.fetchval("SELECT id FROM makerspaces WHERE time_zone = 'Europe/Berlin'")
        await owner.execute("DELETE FROM makerspaces WHERE id <> $1", place)
        assert await close_due(database, lambda: now) > 395
        asked = asking(database, mint(place))
        for day in (date(2028, 3, 26), date(2028, 10, 29), date(2028, 11, 16)):
            kept = json.loads(
                await owner.fetchval(
                    "SELECT figures FROM analytics_snapshots WHERE grain = 'DAY' AND start_date = $1", day
                )
            )
            metrics: list[Metric] = [metric for metric in CATALOG if metric.key not in LEVEL_KEYS]
            for metric in metrics:
                total = await (await asked.number(metric, (day, day), now)).total()
                assert kept[metric.section.value][metric.key] == written(metric, total, "EUR"), (day, metric.key)
        await asked.reading.snapshot.close()
    finally:
        await owner.close()
        await database.dispose()


async def test_two_workers_at_once_close_once(berlin, make_makerspace, owner, database, migrated_url) -> None:
    for _ in range(3):
        await make_makerspace(created_at=datetime(2026, 3, 28, 9, tzinfo=UTC))
    other = Database(migrated_url, pool_size=2)
    counts = await asyncio.gather(*(close_due(one, clock("2026-03-29T22:00:30+00:00")) for one in (database, other)))
    await other.dispose()
    assert sum(counts) == 4 * 3
    assert await owner.fetchval("SELECT count(*) FROM analytics_snapshots") == 4 * 3
    rows = await owner.fetch("SELECT attempts, closed_on, lease_until FROM closings")
    assert [tuple(row) for row in rows] == [(1, date(2026, 3, 29), None)] * 4


async def test_days_whose_events_were_removed_are_closed_as_before(berlin, owner, database) -> None:
    await remove_old_events(database, days=1, now=datetime(2026, 4, 2, 12, tzinfo=UTC))
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 0
    await close_due(database, clock("2026-04-02T12:00:00+00:00"))
    found = await figure(owner, "USAGE", "logins")
    assert (found["03-28"], found["03-29"], found["03-30"]) == ("1", "2", "1")
    assert (await figure(owner, "USAGE", "activeMembers"))["03-29"] == "2"
    assert (await figure(owner, "USAGE", "visits"))["03-29"] == "1"  # by her session


async def test_after_a_kill_the_next_worker_closes_the_rest(make_makerspace, owner, migrated_url) -> None:
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    makerspace = await make_makerspace(created_at=long_ago)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CLOSES, migrated_url)
    while not (kept := await owner.fetchval("SELECT count(*) FROM analytics_snapshots")):
        assert process.returncode is None
        await asyncio.sleep(0.001)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    reference = await make_makerspace(created_at=long_ago)
    database = Database(migrated_url, pool_size=2)
    now = clock("2026-03-29T22:00:30+00:00")
    await close_due(database, now)  # of the reference only; the other's lease has not run out
    assert (
        await owner.fetchval("SELECT count(*) FROM analytics_snapshots WHERE makerspace_id = $1", reference.value) > 900
    )
    stopped = await owner.fetchval(
        "SELECT count(*) FROM analytics_snapshots WHERE makerspace_id = $1", makerspace.value
    )
    assert kept <= stopped < 900
    await owner.execute("UPDATE closings SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")
    assert await close_due(database, now) > 0
    await database.dispose()
    assert await owner.fetch(KEPT, makerspace.value) == await owner.fetch(KEPT, reference.value)
    assert await owner.fetchval("SELECT attempts FROM closings WHERE makerspace_id = $1", makerspace.value) == 2
