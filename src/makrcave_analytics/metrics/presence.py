"""The source of presence: distinct members, from one bit a member and day; the raw rows for parts of days."""

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
    true,
    union_all,
)

from makrcave_analytics.metrics.fence import per_span
from makrcave_analytics.metrics.metric import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import CHUNK_BITS, equipment_usage_logs, member_presence, members, usage_events

DOWNTIME = ("maintenance", "repair")
_NO_BITS: ColumnElement[Any] = literal_column(f"repeat('0', {CHUNK_BITS})::bit({CHUNK_BITS})")


def _bits(spans: SpanTable) -> FromClause:
    """Return (span, chunk, bits): who was present in each span."""
    days = per_span(
        select(member_presence.c.chunk, member_presence.c.bits).where(
            member_presence.c.makerspace_id == spans.makerspace_id,
            member_presence.c.kind == literal_column("'any'"),
            member_presence.c.local_day >= spans.c.day_since,
            member_presence.c.local_day < spans.c.day_until,
        ),
        spans,
    )
    whole_days = select(spans.c.span, days.c.chunk, days.c.bits)
    numbers = union_all(_by_events(spans), _by_sessions(spans)).subquery()
    distinct = select(numbers.c.span, numbers.c.number).distinct().subquery()
    parts = select(distinct.c.span, *_bit(distinct.c.number))
    every = union_all(whole_days, parts).subquery()
    return (
        select(every.c.span, every.c.chunk, func.bit_or(every.c.bits).label("bits"))
        .group_by(every.c.span, every.c.chunk)
        .subquery()
    )


def _by_events(spans: SpanTable) -> Select[Any]:
    at = usage_events.c.timestamp
    return _numbers(spans, usage_events, at >= spans.c.day_edge, at < spans.c.until)


def _by_sessions(spans: SpanTable) -> Select[Any]:
    """Sessions that touch the part of a day; while open they count where they start."""
    start, end = equipment_usage_logs.c.start_time, equipment_usage_logs.c.end_time
    last_touched = case((end > start, end - literal_column("interval '1 microsecond'")), else_=start)
    return _numbers(
        spans,
        equipment_usage_logs,
        start < spans.c.until,
        # A use lasts at most 31 days, which lets the index on its start find it.
        start >= spans.c.day_edge - literal_column("interval '32 days'"),
        or_(start >= spans.c.day_edge, last_touched >= spans.c.day_edge),
        equipment_usage_logs.c.usage_type.not_in([literal_column(f"'{kind}'") for kind in DOWNTIME]),
    )


def _numbers(spans: SpanTable, facts: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select (span, number) of the members whom facts name, for the spans that have a part of a day."""
    people = per_span(
        select(facts.c.user_id)
        .where(facts.c.makerspace_id == spans.makerspace_id, facts.c.voided_at.is_(None), *conditions)
        .distinct(),
        spans,
    )
    named = and_(members.c.makerspace_id == spans.makerspace_id, members.c.user_id == people.c.user_id)
    return (
        select(spans.c.span, members.c.number)
        .select_from(spans.c.span.table.join(people, true()))
        .join(members, named)
        .where(spans.c.day_edge < spans.c.until)
    )


def _bit(number: Any) -> tuple[Any, Any]:
    """Return the chunk of a member number, and bits with its own set: bit 0 is the leftmost."""
    chunk = cast(func.div(number, CHUNK_BITS), Integer).label("chunk")
    return chunk, func.set_bit(_NO_BITS, number % literal(CHUNK_BITS), 1).label("bits")


def _members(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return (span, members): distinct members of each span; by plan, members split by the plan they have now."""
    present = _bits(spans)
    if not needed:
        return (
            select(present.c.span, func.sum(func.bit_count(present.c.bits)).label("members"))
            .group_by(present.c.span)
            .subquery()
        )
    chunk, bits = _bit(members.c.number)
    plans = (
        select(members.c.plan, chunk, func.bit_or(bits).label("bits"))
        .where(members.c.makerspace_id == spans.makerspace_id)
        .group_by(members.c.plan, chunk)
        .subquery()
    )
    shared = func.bit_count(present.c.bits.op("&")(plans.c.bits))
    return (
        select(
            present.c.span,
            plans.c.plan.label(Dimension.MEMBER_PLAN.value),
            func.sum(shared).label("members"),
        )
        .join_from(present, plans, present.c.chunk == plans.c.chunk)
        .group_by(present.c.span, plans.c.plan)
        .having(func.sum(shared) > 0)
        .subquery()
    )


PRESENCE = Source(
    name="presence",
    relations=(
        Relation(
            name="member_presence",
            dimensions=frozenset({Dimension.MEMBER_PLAN}),
            edges=("until", "day_since", "day_until", "day_edge"),
            rows=_members,
        ),
    ),
)
