"""Presence bitmaps: one bit per member number, CHUNK_BITS of them in a row."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from makrcave_analytics.metrics.source import SpanTable
from makrcave_analytics.models import CHUNK_BITS, equipment_usage_logs, members, usage_events

DOWNTIME = ("maintenance", "repair")
ANY: ColumnElement[Any] = literal_column("'any'")
"""The kind of presence by an event or a use session."""
VISIT: ColumnElement[Any] = literal_column("'visit'")
"""The kind of presence by access or a use session."""

_NO_BITS: ColumnElement[Any] = literal_column(f"repeat('0', {CHUNK_BITS})::bit({CHUNK_BITS})")
_TICK: ColumnElement[Any] = literal_column("interval '1 microsecond'")
# A use lasts at most 31 days, so an index range over its start finds it.
_LONGEST: ColumnElement[Any] = literal_column("interval '32 days'")


def bit(number: Any) -> tuple[Any, Any]:
    """Return the chunk of a member number, and bits with only its bit set; bit 0 is the leftmost."""
    return chunk_of(number).label("chunk"), func.set_bit(_NO_BITS, place_of(number), 1).label("bits")


def chunk_of(number: Any) -> Any:
    """Return the chunk of a member number."""
    return cast(func.div(number, CHUNK_BITS), Integer)


def place_of(number: Any) -> Any:
    """Return the position of a member number in its chunk."""
    return number % literal(CHUNK_BITS)


def plans_of(spans: SpanTable) -> FromClause:
    """Return (plan, chunk, bits): the members of each plan as of now."""
    return (
        select(members.c.plan, *_or_of(members.c.number))
        .where(members.c.makerspace_id == spans.makerspace_id)
        .group_by(members.c.plan, "chunk")
        .subquery()
    )


def select_event_moments(spans: SpanTable, since: Any, until: Any, *more: Any) -> Select[Any]:
    """Select (number, at) of the events of known members in the half-open [since, until) that meet `more`.

    The edges are columns of one table; the SELECT is correlated with each of its rows.
    """
    events = _select_moments(usage_events, usage_events.c.timestamp, spans).correlate(since.table)
    return events.where(usage_events.c.timestamp >= since, usage_events.c.timestamp < until, *more)


def select_session_moments(spans: SpanTable, since: Any, until: Any) -> Select[Any]:
    """Select (number, at) of the uses that touch the half-open [since, until); `at` is where they begin in it.

    A use without an end touches only the moment of its start.
    """
    start, end = equipment_usage_logs.c.start_time, equipment_usage_logs.c.end_time
    last_touched = case((end > start, end - _TICK), else_=start)
    sessions = _select_moments(equipment_usage_logs, func.greatest(start, since), spans).correlate(since.table)
    return sessions.where(
        since < until,
        start < until,
        start >= since - _LONGEST,
        or_(start >= since, last_touched >= since),
        equipment_usage_logs.c.usage_type.not_in([literal_column(f"'{kind}'") for kind in DOWNTIME]),
    )


def _select_moments(facts: Any, at: Any, spans: SpanTable) -> Select[Any]:
    named = and_(members.c.makerspace_id == facts.c.makerspace_id, members.c.user_id == facts.c.user_id)
    return (
        select(members.c.number, at.label("at"))
        .select_from(facts)
        .join(members, named)
        .where(
            facts.c.makerspace_id == spans.makerspace_id,
            members.c.makerspace_id == spans.makerspace_id,
            facts.c.voided_at.is_(None),
        )
    )


def _or_of(number: Any) -> tuple[Any, Any]:
    chunk, bits = bit(number)
    return chunk, func.bit_or(bits).label("bits")
