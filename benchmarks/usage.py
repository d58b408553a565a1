"""The whole usage section, cold: against the same statements on a bare connection, SQL on raw events, and itself on
less data.

The document has all its metrics with comparison, series and every breakdown in the roll-ups, and its other fields.
"""

from benchmarks.measure import Row, medians
from benchmarks.sizes import PRESETS, Measuring, Subject, at_each_size
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Dimension, Section

SUITE = "usage"


def _is_rolled_up(metric: Metric, by: Dimension) -> bool:
    """Return whether the cheapest relation of its sources has a dimension; other dimensions read raw rows."""
    sources = {measure.source for measure in metric.measures}
    return all(source.relation(frozenset({by})) is source.relations[0] for source in sources)


def _fields(metric: Metric) -> str:
    held = [by for by in metric.dimensions if _is_rolled_up(metric, by)]
    breakdowns = [f"breakdown(by: {by}) {{ label value previous }}" for by in held]
    # The first has no alias, as a document may have at most fifteen.
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
    STICKINESS,
    RETENTION,
)
"""SQL for the same figures on the events alone, without sessions: presence includes them, and they would slow it."""

PEOPLE: dict[str, tuple[str, str]] = {
    "activeMembers": ("activeMembers { value }", ACTIVE),
    "visits": ("visits { value }", VISITS),
    "stickiness": ("stickiness { value }", STICKINESS),
    "retention": ("retention { size active }", RETENTION),
}
"""Fields that read presence, and the same figure from the raw rows."""


USAGE = Subject(SUITE, DOCUMENT, lambda preset: {"preset": preset}, RAW, faster=100)


async def _people(at: Measuring) -> None:
    """Measure each field that reads presence alone, over 12 months."""
    for key, (fields, sql) in PEOPLE.items():
        document = f"query($p: PeriodPreset!) {{ usage(period: {{preset: $p}}) {{ {fields} }} }}"
        (ours,) = await medians(lambda asked=document: at.probe.ask(asked, p=PRESETS["12 months"]), runs=9)
        (raw,) = await medians(at.raw((sql,), "12 months"), runs=1, warm=0)
        at.rows.append(Row.faster(SUITE, f"{key}, 12 months, {at.size}", ours, "SQL on raw events", raw, 1))


async def run(owner_url: str) -> list[Row]:
    """Measure at each size."""
    return await at_each_size(owner_url, USAGE, at_last=_people)
