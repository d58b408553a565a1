"""The source of events: the roll-up by local hour where it suffices, else the raw rows."""

from typing import Any

from sqlalchemy import FromClause, Select, and_, extract, func, literal, select, union_all

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_span
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import event_hours, members, usage_events

_ROLLED_UP = {
    Dimension.EVENT_TYPE: event_hours.c.event_type,
    Dimension.EVENT_CATEGORY: event_hours.c.event_category,
    Dimension.HOUR_OF_DAY: event_hours.c.hour_of_day,
    Dimension.DAY_OF_WEEK: extract("isodow", event_hours.c.local_day) - 1,
}
_OF_ROW = {
    Dimension.EVENT_TYPE: usage_events.c.event_type,
    Dimension.EVENT_CATEGORY: usage_events.c.event_category,
    Dimension.MEMBER: usage_events.c.user_id,
    Dimension.MEMBER_PLAN: members.c.plan,
    Dimension.EQUIPMENT: usage_events.c.equipment_id,
    Dimension.ITEM: usage_events.c.item_id,
    Dimension.PROJECT: usage_events.c.project_id,
}


def _row_dimensions(zone: Any) -> dict[Dimension, Any]:
    local = func.timezone(zone, usage_events.c.timestamp)
    return _OF_ROW | {
        Dimension.HOUR_OF_DAY: extract("hour", local),
        Dimension.DAY_OF_WEEK: extract("isodow", local) - 1,
    }


def _hours(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return whole local hours from the roll-up, and parts of hours from the raw rows."""
    hours = lateral_per_span(
        select(
            event_hours.c.event_type,
            event_hours.c.local_day,
            *(_ROLLED_UP[dimension].label(dimension.value) for dimension in sorted(needed)),
            event_hours.c.events,
        ).where(
            event_hours.c.makerspace_id == spans.makerspace_id,
            event_hours.c.hour_start >= spans.c.since,
            event_hours.c.hour_start < spans.c.hour_until,
        ),
        spans,
    )
    parts = _select_rows(spans, needed, spans.c.hour_until).where(spans.c.hour_until < spans.c.until)
    return union_all(select(spans.c.span, *hours.c), parts).subquery()


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return every event as a row."""
    return _select_rows(spans, needed, spans.c.since).subquery()


def _select_rows(spans: SpanTable, needed: frozenset[Dimension], since: Any) -> Select[Any]:
    dimensions = _row_dimensions(spans.zone)
    made = select(
        usage_events.c.event_type,
        func.timezone(spans.zone, usage_events.c.timestamp).cast(event_hours.c.local_day.type).label("local_day"),
        *(dimensions[dimension].label(dimension.value) for dimension in sorted(needed)),
        literal(1).label("events"),
    ).where(
        usage_events.c.makerspace_id == spans.makerspace_id,
        usage_events.c.timestamp >= since,
        usage_events.c.timestamp < spans.c.until,
        usage_events.c.voided_at.is_(None),
    )
    if Dimension.MEMBER_PLAN in needed:
        member = and_(
            members.c.makerspace_id == usage_events.c.makerspace_id,
            members.c.makerspace_id == spans.makerspace_id,
            members.c.user_id == usage_events.c.user_id,
        )
        made = made.outerjoin_from(usage_events, members, member)
    rows = lateral_per_span(made, spans)
    return select(spans.c.span, *rows.c)


_EDGES = ("since", "until", "hour_until")

EVENTS = Source(
    name="events",
    subject="events",
    relations=(
        Relation(name="event_hours", dimensions=frozenset(_ROLLED_UP), edges=_EDGES, rows=_hours),
        Relation(
            name="usage_events",
            dimensions=frozenset(_OF_ROW) | {Dimension.HOUR_OF_DAY, Dimension.DAY_OF_WEEK},
            edges=("since", "until"),
            rows=_rows,
        ),
    ),
)
