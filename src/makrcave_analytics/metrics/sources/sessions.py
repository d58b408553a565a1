"""The source of sessions: uses and downtime of machines, clipped to spans, in whole seconds."""

from typing import Any

from sqlalchemy import (
    DateTime,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.sql.bitmaps import DOWNTIME
from makrcave_analytics.metrics.sources.sql.intervals import BY_CLOCK, pieces, whole_second
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_row
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment, equipment_usage_logs, members

OPEN_HOURS = 24
"""The most hours that a use without an end counts; after that it was forgotten. Downtime has no limit."""

REACH: Any = literal_column("interval '32 days'")
"""A use lasts at most 31 days, so none that starts earlier reaches into a span."""
_OPEN: Any = literal_column(f"interval '{OPEN_HOURS} hours'")
_log = equipment_usage_logs.c
IS_DOWNTIME: Any = _log.usage_type.in_([literal_column(f"'{kind}'") for kind in DOWNTIME])

_OF_LOG = {
    Dimension.EQUIPMENT: _log.equipment_id,
    Dimension.USAGE_TYPE: _log.usage_type,
    Dimension.MEMBER: _log.user_id,
    Dimension.PROJECT: _log.project_id,
}
_OF_OTHERS = {Dimension.EQUIPMENT_CATEGORY: equipment.c.category, Dimension.MEMBER_PLAN: members.c.plan}


def select_uses(spans: SpanTable, *columns: Any) -> Select[Any]:
    """Select the uses that may reach into a span, each once, with `since` and `until`."""
    windows = select(
        func.unnest(func.range_agg(func.tstzrange(spans.c.since - REACH, spans.c.until))).label("window")
    ).subquery()
    uses = _select_logs(spans, use_until(spans.now), columns).where(
        ~IS_DOWNTIME, _log.start_time >= func.lower(windows.c.window), _log.start_time < func.upper(windows.c.window)
    )
    each = lateral_per_row(uses, windows)
    return select(*each.c).select_from(windows).join(each, true())


def select_downtime(spans: SpanTable, *columns: Any) -> Select[Any]:
    """Select maintenance and repairs that may reach into a span, each once, with `since` and `until`."""
    until = downtime_until(spans.now)
    table = spans.c.span.table
    return _select_logs(spans, until, columns).where(
        IS_DOWNTIME,
        _log.start_time < select(func.max(spans.c.until)).select_from(table).scalar_subquery(),
        until >= select(func.min(spans.c.since)).select_from(table).scalar_subquery(),
    )


def use_until(now: Any) -> Any:
    """Return the end of a use; without an end, now, but at most OPEN_HOURS after its start."""
    return func.coalesce(
        _log.end_time, func.greatest(_log.start_time, func.least(_second(now), _log.start_time + _OPEN))
    )


def downtime_until(now: Any) -> Any:
    """Return the end of a downtime; now while it goes on."""
    return func.coalesce(_log.end_time, func.greatest(_log.start_time, _second(now)))


def _select_logs(spans: SpanTable, until: Any, columns: tuple[Any, ...]) -> Select[Any]:
    return select(_log.start_time.label("since"), until.label("until"), *columns).where(
        _log.makerspace_id == spans.makerspace_id, _log.voided_at.is_(None)
    )


def _second(now: Any) -> Any:
    return cast(whole_second(now), DateTime(timezone=True))


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per piece of a use or a downtime.

    Columns: `used`, `used_for_project` and `down`, the length of the piece. Only on the piece where a use begins:
    `uses` (1), `lasted` (its whole length), `user_id`, `succeeded`, `energy_kwh`.
    """
    dimensions = [_OF_LOG[dimension].label(dimension.value) for dimension in sorted(needed & _OF_LOG.keys())]
    facts = (_log.equipment_id, _log.user_id, _log.project_id, _log.succeeded, _log.energy_kwh, *dimensions)
    every = union_all(
        select_uses(spans, literal_column("true").label("is_use"), *facts),
        select_downtime(spans, literal_column("false").label("is_use"), *facts),
    ).subquery()
    cut = pieces(spans, every, needed)
    begins = and_(cut.c.is_use, cut.c.begins)

    def where_it_begins(value: Any) -> Any:
        return case((begins, value), else_=null())

    own = needed - _OF_OTHERS.keys()
    made = select(
        cut.c.span,
        *(cut.c[dimension.value] for dimension in sorted(own)),
        *(_OF_OTHERS[dimension].label(dimension.value) for dimension in sorted(needed - own)),
        case((cut.c.is_use, cut.c.length)).label("used"),
        case((and_(cut.c.is_use, cut.c.project_id.is_not(None)), cut.c.length)).label("used_for_project"),
        case((~cut.c.is_use, cut.c.length)).label("down"),
        where_it_begins(literal_column("1")).label("uses"),
        where_it_begins(cut.c.until - cut.c.since).label("lasted"),
        where_it_begins(cut.c.user_id).label("user_id"),
        where_it_begins(cut.c.succeeded).label("succeeded"),
        where_it_begins(cut.c.energy_kwh).label("energy_kwh"),
    ).select_from(cut)
    if Dimension.EQUIPMENT_CATEGORY in needed:
        made = made.outerjoin(equipment, _named(spans, equipment, equipment.c.equipment_id == cut.c.equipment_id))
    if Dimension.MEMBER_PLAN in needed:
        made = made.outerjoin(members, _named(spans, members, members.c.user_id == cut.c.user_id))
    return made.subquery()


def _named(spans: SpanTable, table: Any, is_same: Any) -> Any:
    return and_(table.c.makerspace_id == spans.makerspace_id, is_same)


_DIMENSIONS = frozenset(_OF_LOG) | frozenset(_OF_OTHERS)

SESSIONS = Source(
    name="sessions",
    subject="machines",
    relations=(
        Relation(name="by_span", dimensions=_DIMENSIONS, edges=("since", "until"), rows=_rows),
        Relation(
            name="by_hour", dimensions=_DIMENSIONS | BY_CLOCK, edges=("since", "until"), rows=_rows, reads_clock=True
        ),
    ),
)
