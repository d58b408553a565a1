"""The usage section, cold: against the same statements on a bare connection, the raw events, and a smaller self."""

from datetime import timedelta

import asyncpg

from benchmarks.data import MAKERSPACE, SCALES, prepared
from benchmarks.measure import Row, medians
from benchmarks.probe import Probe, replay
from makrcave_analytics.db import Database

SUITE = "usage"
PRESETS = {"30 days": "LAST_30_DAYS", "12 months": "LAST_12_MONTHS"}
DOCUMENT = """query($preset: PeriodPreset!) { usage(period: {preset: $preset}, compareTo: PREVIOUS_PERIOD) {
  meta { dataVersion period { label } }
  events { value previous changePercent series { value previous } byType: breakdown(by: EVENT_TYPE) { label value }
           byHour: breakdown(by: HOUR_OF_DAY) { value } byDay: breakdown(by: DAY_OF_WEEK) { value } }
  logins { value previous series { value } }
  activeMembers { value previous series { value } }
} }"""

_BOUNDS = """FROM usage_events WHERE makerspace_id = $1 AND voided_at IS NULL
  AND timestamp >= timestamptz '2026-11-23 00:00+05:30' - $2::interval
  AND timestamp < timestamptz '2026-11-23 00:00+05:30'"""
_LOCAL = "(timestamp AT TIME ZONE 'Asia/Kolkata')"
RAW = (
    f"SELECT count(*), count(*) FILTER (WHERE event_type = 'login'), count(DISTINCT user_id) {_BOUNDS}",
    f"SELECT {_LOCAL}::date, count(*), count(*) FILTER (WHERE event_type = 'login') {_BOUNDS} GROUP BY 1",
    f"SELECT {_LOCAL}::date, count(DISTINCT user_id) {_BOUNDS} GROUP BY 1",
    f"SELECT event_type, count(*) {_BOUNDS} GROUP BY 1",
    f"SELECT extract(hour FROM {_LOCAL}), count(*) {_BOUNDS} GROUP BY 1",
    f"SELECT extract(isodow FROM {_LOCAL}), count(*) {_BOUNDS} GROUP BY 1",
)
SMALLEST, *_, LARGEST = SCALES
SPANS = {"30 days": timedelta(days=30), "12 months": timedelta(days=365)}


async def run(owner_url: str) -> list[Row]:
    """Measure at each size."""
    rows: list[Row] = []
    smallest: dict[str, float] = {}
    for size in SCALES:
        url = await prepared(owner_url, size)
        database = Database(url, pool_size=2)
        probe, bare = Probe(database), await asyncpg.connect(url, server_settings={"role": "makrcave_reader"})
        owner = await asyncpg.connect(url)
        try:
            for span in PRESETS:
                ours = await _measure(rows, probe, bare, owner, size, span)
                smallest.setdefault(span, ours)
                if span == "30 days" and size != SMALLEST:
                    rows.append(Row.at_most(SUITE, f"{span}, {size}", ours, SMALLEST, smallest[span], 1.3))
        finally:
            await bare.close()
            await owner.close()
            await database.dispose()
    return rows


async def _measure(
    rows: list[Row], probe: Probe, bare: asyncpg.Connection, owner: asyncpg.Connection, size: str, span: str
) -> float:
    await probe.ask(DOCUMENT, preset=PRESETS[span])
    statements = list(probe.statements)
    inside = sum(seconds for _, _, seconds in statements) * 1000

    async def ours() -> None:
        await probe.ask(DOCUMENT, preset=PRESETS[span])

    async def same_statements() -> None:
        await replay(bare, statements)

    async def raw() -> None:
        for sql in RAW:
            await owner.fetch(sql, MAKERSPACE, SPANS[span])

    our_ms, bare_ms = await medians(ours, same_statements, runs=15)
    (raw_ms,) = await medians(raw, runs=1, warm=1)
    notes = f"{len(statements)} statements, {inside:.1f} ms waiting for them at first"
    rows.append(Row.at_most(SUITE, f"{span}, {size}", our_ms, "same statements, bare asyncpg", bare_ms, 3, notes))
    aim = 100 if (span, size) == ("12 months", LARGEST) else 1
    rows.append(Row.faster(SUITE, f"{span}, {size}", our_ms, "SQL on raw events", raw_ms, aim))
    return our_ms
