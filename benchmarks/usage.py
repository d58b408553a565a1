"""The usage section, whole and cold: against the same statements on a bare connection, the raw events, a smaller self.

Asked are all its metrics with comparison, series and every breakdown that roll-ups hold, and what it shows beside them.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg

from benchmarks.data import MAKERSPACE, SCALES, prepared
from benchmarks.measure import Row, Step, medians
from benchmarks.probe import Probe, replay
from makrcave_analytics.db import Database
from makrcave_analytics.metrics.catalog import section_metrics
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Dimension, Section

SUITE = "usage"
PRESETS = {"30 days": "LAST_30_DAYS", "12 months": "LAST_12_MONTHS"}
DAYS = {"30 days": timedelta(days=30), "12 months": timedelta(days=365)}
SMALLEST, *_, LARGEST = SCALES


def _is_rolled_up(metric: Metric, by: Dimension) -> bool:
    """Say whether the cheapest relation of its sources carries a dimension; others read raw rows."""
    sources = {measure.source for measure in metric.measures}
    return all(source.relation(frozenset({by})) is source.relations[0] for source in sources)


def _fields(metric: Metric) -> str:
    held = [by for by in metric.dimensions if _is_rolled_up(metric, by)]
    breakdowns = [f"breakdown(by: {by}) {{ label value previous }}" for by in held]
    # The first goes without an alias, of which a document may have fifteen.
    aliased = " ".join([*breakdowns[:1], *(f"by{n}: {asked}" for n, asked in enumerate(breakdowns[1:]))])
    return f"{metric.key} {{ value previous changePercent series {{ value previous }} {aliased} }}"


DOCUMENT = f"""query($preset: PeriodPreset!) {{ usage(period: {{preset: $preset}}, compareTo: PREVIOUS_PERIOD) {{
  meta {{ dataVersion period {{ label }} notes }}
  {" ".join(map(_fields, section_metrics(Section.USAGE)))}
  peakHour mostActiveDay heatmap {{ value }} retention {{ size active }} visitBands {{ members }}
}} }}"""

_TENANT = "FROM usage_events WHERE makerspace_id = $1 AND voided_at IS NULL"
_END = "timestamptz '2026-11-23 00:00+05:30'"
_PERIOD = f"{_TENANT} AND timestamp < {_END} AND timestamp >= {_END} - $2::interval"
_BEFORE = f"{_TENANT} AND timestamp < {_END} - $2::interval AND timestamp >= {_END} - $2::interval * 2"
_LOCAL = "(timestamp AT TIME ZONE 'Asia/Kolkata')"
_TYPES = ("login", "equipment_reservation", "inventory_issue", "project_created")
_COUNTS = "count(*), " + ", ".join(f"count(*) FILTER (WHERE event_type = '{name}')" for name in _TYPES)
ACTIVE = f"SELECT count(DISTINCT user_id) {_PERIOD}"
VISITS = f"SELECT count(DISTINCT (user_id, {_LOCAL}::date)) {_PERIOD} AND event_category = 'access'"
STICKINESS = f"""
    WITH days AS (SELECT DISTINCT user_id, {_LOCAL}::date AS day {_TENANT} AND user_id IS NOT NULL
        AND timestamp < {_END} AND timestamp >= {_END} - $2::interval - interval '30 days')
    SELECT d, count(DISTINCT user_id) FILTER (WHERE day = d::date), count(DISTINCT user_id)
    FROM generate_series(date '2026-11-22' - extract(day FROM $2::interval)::int + 1, '2026-11-22', '1 day') AS d
    JOIN days ON days.day BETWEEN d::date - 29 AND d::date GROUP BY 1"""
RETENTION = f"""
    WITH months AS (SELECT DISTINCT user_id, date_trunc('month', {_LOCAL}) AS month {_TENANT} AND user_id IS NOT NULL
        AND timestamp < {_END} AND $2::interval IS NOT NULL),
    firsts AS (SELECT user_id, min(month) AS cohort FROM months GROUP BY 1)
    SELECT cohort, month, count(*) FROM months JOIN firsts USING (user_id) GROUP BY 1, 2"""
RAW = (
    *(f"SELECT {_COUNTS} {period}" for period in (_PERIOD, _BEFORE)),
    *(f"SELECT count(DISTINCT user_id) {period}" for period in (_PERIOD, _BEFORE)),
    VISITS,
    f"SELECT {_LOCAL}::date, {_COUNTS}, count(DISTINCT user_id) {_PERIOD} GROUP BY 1",
    f"SELECT event_type, count(*) {_PERIOD} GROUP BY 1",
    f"SELECT event_category, count(*) {_PERIOD} GROUP BY 1",
    f"SELECT extract(isodow FROM {_LOCAL}), extract(hour FROM {_LOCAL}), {_COUNTS} {_PERIOD} GROUP BY 1, 2",
    f"SELECT user_id, count(DISTINCT {_LOCAL}::date) {_PERIOD} AND event_category = 'access' GROUP BY 1",
    RETENTION,
)
"""What somebody would write who has the events only. Left out is what would make it slower still: sessions, which are
part of presence, and stickiness, which is measured by itself."""

PEOPLE: dict[str, tuple[str, str]] = {
    "activeMembers": ("activeMembers { value }", ACTIVE),
    "visits": ("visits { value }", VISITS),
    "stickiness": ("stickiness { value }", STICKINESS),
    "retention": ("retention { size active }", RETENTION),
}
"""What is asked of presence, and the same of the raw rows."""


@dataclass
class _Measuring:
    """One size: our API, a bare connection as the reader, and one as the owner, who sees the raw rows."""

    size: str
    probe: Probe
    bare: asyncpg.Connection
    owner: asyncpg.Connection
    rows: list[Row] = field(default_factory=list)

    def raw(self, statements: tuple[str, ...], span: str) -> Step:
        """Make a step that sends statements on the raw rows, one after another."""

        async def step() -> None:
            for sql in statements:
                await self.owner.fetch(sql, MAKERSPACE, DAYS[span])

        return step

    async def section(self, span: str) -> float:
        """Measure the whole section; return our median."""
        preset = PRESETS[span]
        for _ in range(2):  # the first prepares statements and learns of types
            await self.probe.ask(DOCUMENT, preset=preset)
        statements = list(self.probe.statements)
        inside = sum(seconds for _, _, seconds in statements) * 1000
        ours, bare = await medians(
            lambda: self.probe.ask(DOCUMENT, preset=preset), lambda: replay(self.bare, statements), runs=9
        )
        (raw,) = await medians(self.raw(RAW, span), runs=1, warm=1 if self.size == SMALLEST else 0)
        name = f"{span}, {self.size}"
        notes = f"{len(statements)} statements, {inside:.1f} ms waiting for them"
        self.rows.append(Row.at_most(SUITE, name, ours, "same statements, bare asyncpg", bare, 3, notes))
        aim = 100 if (span, self.size) == ("12 months", LARGEST) else 1
        self.rows.append(Row.faster(SUITE, name, ours, "SQL on raw events", raw, aim))
        return ours

    async def people(self) -> None:
        """Measure what comes from presence over twelve months, each alone."""
        for key, (fields, sql) in PEOPLE.items():
            document = f"query($p: PeriodPreset!) {{ usage(period: {{preset: $p}}) {{ {fields} }} }}"
            ours, raw = await self._both(document, sql)
            self.rows.append(Row.faster(SUITE, f"{key}, 12 months, {self.size}", ours, "SQL on raw events", raw, 1))

    async def _both(self, document: str, sql: str) -> tuple[float, float]:
        (ours,) = await medians(lambda: self.probe.ask(document, p=PRESETS["12 months"]), runs=9)
        (raw,) = await medians(self.raw((sql,), "12 months"), runs=1, warm=0)
        return ours, raw


async def run(owner_url: str) -> list[Row]:
    """Measure at each size."""
    rows: list[Row] = []
    smallest: dict[str, float] = {}
    for size in SCALES:
        url = await prepared(owner_url, size)
        database = Database(url, pool_size=2, statement_seconds=60)
        bare = await asyncpg.connect(url, server_settings={"role": "makrcave_reader"})
        owner = await asyncpg.connect(url)
        measuring = _Measuring(size, Probe(database), bare, owner, rows)
        try:
            for span in PRESETS:
                ours = await measuring.section(span)
                smallest.setdefault(span, ours)
                if span == "30 days" and size != SMALLEST:
                    rows.append(Row.at_most(SUITE, f"{span}, {size}", ours, SMALLEST, smallest[span], 1.3))
            if size == LARGEST:
                await measuring.people()
        finally:
            await bare.close()
            await owner.close()
            await database.dispose()
    return rows
