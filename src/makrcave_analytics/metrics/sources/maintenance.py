"""The source of maintenance: machines due as of now; for past spans the number overdue from the closing figures.

A machine is due on the earliest of three days: its appointment; its last maintenance (else its first day in service)
plus the interval in days; and the day on which its hours of use since then reach the interval in hours, at the rate of
the last 28 days. A repair does not restart the intervals.
"""

from typing import Any

from sqlalchemy import Date, FromClause, Integer, case, cast, func, literal_column, or_, select, true, union_all

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.machines import serves
from makrcave_analytics.metrics.sources.sessions import IS_DOWNTIME, REACH, downtime_until, use_until
from makrcave_analytics.metrics.sources.sql.intervals import NOTHING, seconds, whole_second
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_row
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.models import analytics_snapshots, equipment, equipment_usage_logs

RATE_DAYS = 28
FURTHEST_DAYS = 36_500
"""A century: no day is given beyond it."""
OVERDUE = "machinesOverdue"

_log = equipment_usage_logs.c
_machine = equipment.c
_RATE: Any = literal_column(f"interval '{RATE_DAYS} days'")
_DAY: Any = literal_column("interval '24 hours'")
_NEVER: Any = literal_column("'-infinity'::timestamptz")


def select_maintenance(makerspace_id: Any, zone: Any, now: Any, ids: Any = None) -> FromClause:
    """Return a row per synced machine as of now, or per id of an array, synced or not.

    Columns: those of equipment; `last_at`, the end of the last maintenance, or now while it goes on; `seconds` of use
    since then, or of all use where there was none; `due_on`; `is_overdue`.
    """
    now = whole_second(now)
    last = _last(makerspace_id, now, ids)
    used = lateral_per_row(_used(makerspace_id, now, last), last)
    today, last_on = _day(zone, now), _day(zone, last.c.last_at)
    left = last.c.maintenance_interval_hours * 3600 - used.c.seconds
    ahead = left / func.nullif(used.c.recent, 0) * RATE_DAYS
    reached_on = case(
        (left <= 0, today), (ahead <= FURTHEST_DAYS, _day(zone, now + ahead * literal_column("interval '24 hours'")))
    )
    days = last.c.maintenance_interval_days
    after = case((days <= FURTHEST_DAYS, func.coalesce(last_on, last.c.in_service_from) + days))
    due_on = func.least(last.c.next_maintenance_on, after, reached_on)
    is_overdue = func.coalesce(or_(due_on < today, left <= 0), literal_column("false"))
    return (
        select(*last.c, used.c.seconds, due_on.label("due_on"), is_overdue.label("is_overdue"))
        .select_from(last)
        .join(used, true())
        .subquery()
    )


def _last(makerspace_id: Any, now: Any, ids: Any) -> Any:
    """Return the machines with their `last_at`."""
    machine = _synced(makerspace_id) if ids is None else _of_ids(makerspace_id, ids)
    logs = (
        select(_log.equipment_id, func.max(func.least(downtime_until(now), now)).label("last_at"))
        .where(
            _log.makerspace_id == makerspace_id,
            _log.voided_at.is_(None),
            _log.usage_type == literal_column("'maintenance'"),
            IS_DOWNTIME,
            _log.start_time <= now,
        )
        .group_by(_log.equipment_id)
        .subquery()
    )
    return (
        select(*machine.c, logs.c.last_at)
        .select_from(machine)
        .outerjoin(logs, logs.c.equipment_id == machine.c.equipment_id)
        .subquery()
    )


def _synced(makerspace_id: Any) -> Any:
    return select(*_machine).where(_machine.makerspace_id == makerspace_id).subquery()


def _of_ids(makerspace_id: Any, ids: Any) -> Any:
    named = func.unnest(ids).table_valued("equipment_id", name="named").render_derived()
    known = _synced(makerspace_id)
    columns = [named.c.equipment_id if each.name == "equipment_id" else each for each in known.c]
    return select(*columns).select_from(named).outerjoin(known, known.c.equipment_id == named.c.equipment_id).subquery()


def _used(makerspace_id: Any, now: Any, last: Any) -> Any:
    """Return the `seconds` of use since the last maintenance, and the `recent` ones of the last 28 days."""
    last_at, recently = func.coalesce(last.c.last_at, _NEVER), now - _RATE
    until = func.least(use_until(now), now)

    def since(instant: Any) -> Any:
        length = func.greatest(until - func.greatest(_log.start_time, instant), NOTHING)
        return func.coalesce(seconds(length), 0)

    return select(since(last_at).label("seconds"), since(recently).label("recent")).where(
        _log.makerspace_id == makerspace_id,
        _log.equipment_id == last.c.equipment_id,
        _log.voided_at.is_(None),
        ~IS_DOWNTIME,
        _log.start_time >= func.least(last_at, recently) - REACH,
        _log.start_time < now,
    )


def _day(zone: Any, instant: Any) -> Any:
    return cast(func.timezone(zone, instant), Date)


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per machine in service now for spans that end after now, and one closing figure for past spans.

    Column: `overdue`, 1 or 0 per machine, or the number of the closing figure.
    """
    machine = select_maintenance(spans.makerspace_id, spans.zone, spans.now)
    now = (
        select(
            spans.c.span,
            func.coalesce(cast(machine.c.is_overdue, Integer), 0).label("overdue"),
            *(machine.c.category.label(dimension.value) for dimension in sorted(needed)),
        )
        # Without machines the total is 0, which needs a row. A breakdown then has no slices.
        .join_from(spans.c.span.table, machine, serves(machine.c, spans.now, spans.zone), isouter=not needed)
        .where(spans.c.until > spans.now)
    )
    if needed:
        return now.subquery()
    kept = analytics_snapshots.c
    closed = select(spans.c.span, cast(kept.figures[(Section.EQUIPMENT.value, OVERDUE)].as_string(), Integer)).where(
        kept.makerspace_id == spans.makerspace_id,
        kept.grain == literal_column("'DAY'"),
        kept.start_date == spans.c.date_until - literal_column("1"),
        spans.c.until <= spans.now,
    )
    return union_all(now, closed).subquery()


MAINTENANCE = Source(
    name="maintenance",
    subject="machines",
    relations=(
        Relation(
            name="machines",
            dimensions=frozenset({Dimension.EQUIPMENT_CATEGORY}),
            edges=("until", "date_until"),
            rows=_rows,
        ),
    ),
)
