"""Explore tables: each against the same statements on a bare connection, and against handwritten SQL."""

from typing import Any, NamedTuple

import asyncpg

from benchmarks.data import MAKERSPACE, SCALES, prepared
from benchmarks.measure import Row, medians
from benchmarks.probe import Probe, replay
from makrcave_analytics.db import Database

SUITE = "explore"
SIZES = [size for size in SCALES if SCALES[size] <= 10]
DOCUMENT = """query($table: TableInput!) { explore(table: $table, period: {preset: LAST_12_MONTHS}) {
  meta { dataVersion } rows { start keys labels values } isTruncated } }"""
_YEAR = "'2025-12-01 00:00+05:30' AND {} < '2026-11-23 00:00+05:30'"


class _Question(NamedTuple):
    """A table, and SQL on the raw rows with the same result."""

    table: dict[str, Any]
    sql: str
    is_rolled_up: bool = False
    """Whether roll-ups answer it, so that no raw rows are read."""


QUESTIONS = {
    "peak hours of the lasers by plan": _Question(
        {
            "metrics": ["usedHours", "sessions"],
            "by": ["HOUR_OF_DAY", "MEMBER_PLAN"],
            "where": [{"dimension": "EQUIPMENT_CATEGORY", "in": ["laser_cutter"]}],
        },
        f"""SELECT extract(hour FROM h AT TIME ZONE 'Asia/Kolkata'), m.plan, count(*),
              sum(least(end_time, h + interval '1 hour') - greatest(start_time, h))
            FROM equipment_usage_logs l JOIN equipment q USING (makerspace_id, equipment_id)
            LEFT JOIN members m USING (makerspace_id, user_id)
            JOIN LATERAL generate_series(date_trunc('hour', start_time, 'Asia/Kolkata'), end_time, '1 hour') h ON true
            WHERE l.makerspace_id = $1 AND l.voided_at IS NULL AND q.category = 'laser_cutter'
              AND usage_type NOT IN ('maintenance', 'repair') AND start_time >= {_YEAR.format("start_time")}
            GROUP BY 1, 2""",
    ),
    "events by type, weekday and hour": _Question(
        {"metrics": ["events"], "by": ["EVENT_TYPE", "DAY_OF_WEEK", "HOUR_OF_DAY"]},
        f"""SELECT event_type, extract(isodow FROM timestamp AT TIME ZONE 'Asia/Kolkata'),
              extract(hour FROM timestamp AT TIME ZONE 'Asia/Kolkata'), count(*)
            FROM usage_events WHERE makerspace_id = $1 AND voided_at IS NULL
              AND timestamp >= {_YEAR.format("timestamp")} GROUP BY 1, 2, 3""",
        is_rolled_up=True,
    ),
    "revenue by customer and source": _Question(
        {"metrics": ["netRevenue"], "by": ["CUSTOMER", "REVENUE_SOURCE"]},
        """SELECT customer_id, revenue_source, sum(amount - tax_amount) AS net FROM revenue_analytics
           WHERE makerspace_id = $1 AND voided_at IS NULL AND currency = 'INR'
             AND transaction_date BETWEEN '2025-12-01' AND '2026-11-22'
           GROUP BY 1, 2 ORDER BY net DESC LIMIT 100""",
    ),
}


async def run(owner_url: str) -> list[Row]:
    """Measure each question at each size."""
    rows: list[Row] = []
    for size in SIZES:
        url = await prepared(owner_url, size)
        database = Database(url, pool_size=2, statement_seconds=60)
        bare = await asyncpg.connect(url, server_settings={"role": "makrcave_reader"})
        owner = await asyncpg.connect(url)
        try:
            probe = Probe(database)
            for name, asked in QUESTIONS.items():
                rows += await _measured(f"{name}, {size}", asked, probe, bare, owner)
        finally:
            await bare.close()
            await owner.close()
            await database.dispose()
    return rows


async def _measured(
    name: str, asked: _Question, probe: Probe, bare: asyncpg.Connection, owner: asyncpg.Connection
) -> list[Row]:
    for _ in range(2):  # the first run prepares statements and looks up types
        await probe.ask(DOCUMENT, table=asked.table)
    statements = list(probe.statements)
    ours, same, by_hand = await medians(
        lambda: probe.ask(DOCUMENT, table=asked.table),
        lambda: replay(bare, statements),
        lambda: owner.fetch(asked.sql, MAKERSPACE),
        runs=9,
    )
    by = "SQL by hand on raw rows"
    return [
        Row.at_most(SUITE, name, ours, "same statements, bare asyncpg", same, 3, f"{len(statements)} statements"),
        Row.faster(SUITE, name, ours, by, by_hand, 5)
        if asked.is_rolled_up
        else Row.at_most(SUITE, name, ours, by, by_hand, 5),
    ]
