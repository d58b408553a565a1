"""The sources of presence: distinct members of a span, and of the 30 days that end with each of its days.

Whole days are read from the roll-up, one bit per member and day; a partial day at the end of a span from raw rows.
"""

from typing import Any

from sqlalchemy import FromClause, Integer, Select, cast, func, literal_column, select, union_all

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.sql.bitmaps import ANY, plans_of
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_row, lateral_per_span
from makrcave_analytics.metrics.sources.sql.partial_days import EDGES, cut_arguments, cut_presence
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import member_presence

ROLLING_DAYS = 30


def _present(spans: SpanTable) -> FromClause:
    """Return (span, chunk, bits): the members present in each span."""
    there = member_presence.c
    days = lateral_per_span(
        select(there.chunk, func.bit_or(there.bits).label("bits"))
        .where(
            there.makerspace_id == spans.makerspace_id,
            there.kind == ANY,
            there.local_day >= spans.c.day_since,
            there.local_day < spans.c.day_until,
        )
        .group_by(there.chunk),
        spans,
    )
    every = union_all(select(spans.c.span, *days.c), _select_part(spans)).subquery()
    return (
        select(every.c.span, every.c.chunk, func.bit_or(every.c.bits).label("bits"))
        .group_by(every.c.span, every.c.chunk)
        .subquery()
    )


def _select_part(spans: SpanTable) -> Select[Any]:
    """Select (span, chunk, bits): the members present in the partial day at the end of a span."""
    cut = cut_presence(spans).c
    part = (cut.since == spans.c.day_edge, cut.until == spans.c.until)
    return select(spans.c.span, cut.chunk, cut.bits).where(*part, spans.c.day_edge < spans.c.until)


def _members(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return (span, members): the number of distinct members of each span, by their plan of now where needed."""
    present = _present(spans)
    if not needed:
        return (
            select(present.c.span, func.sum(func.bit_count(present.c.bits)).label("members"))
            .group_by(present.c.span)
            .subquery()
        )
    plans = plans_of(spans)
    shared = func.bit_count(present.c.bits.op("&")(plans.c.bits))
    return (
        select(present.c.span, plans.c.plan.label(Dimension.MEMBER_PLAN.value), func.sum(shared).label("members"))
        .join_from(present, plans, present.c.chunk == plans.c.chunk)
        .group_by(present.c.span, plans.c.plan)
        .having(func.sum(shared) > 0)
        .subquery()
    )


def _rolling(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:  # noqa: ARG001 - it has no dimensions
    """Return (span, of_day, of_month): active members of each begun day, and of the 30 days that end with it."""
    day = _begun_days(spans)
    there = member_presence.c
    whole_days = lateral_per_row(
        select(there.chunk, there.bits, (there.local_day == day.c.day).label("is_of_day")).where(
            there.makerspace_id == spans.makerspace_id,
            there.kind == ANY,
            there.local_day > day.c.day - ROLLING_DAYS,
            # The partial day at the end of a span is read from raw rows.
            there.local_day <= func.least(day.c.day, day.c.last_whole),
        ),
        day,
    )
    cut = _select_part(spans).subquery()
    cut_days = select(day.c.span, day.c.day, cut.c.chunk, cut.c.bits, literal_column("true").label("is_of_day")).where(
        cut.c.span == day.c.span, day.c.day > day.c.last_whole
    )
    every = union_all(select(day.c.span, day.c.day, *whole_days.c), cut_days).subquery()
    bits = every.c.bits
    return (
        select(
            every.c.span,
            func.bit_count(func.bit_or(bits).filter(every.c.is_of_day)).label("of_day"),
            func.bit_count(func.bit_or(bits)).label("of_month"),
        )
        .group_by(every.c.span, every.c.day, every.c.chunk)
        .subquery()
    )


def _begun_days(spans: SpanTable) -> Any:
    """Return (span, day, last_whole): the days of each span that have begun by now, and its last whole day."""
    until = func.least(spans.c.date_until, spans.today + 1)
    days = func.generate_series(0, until - spans.c.first_day - 1).table_valued("number").render_derived()
    day = spans.c.first_day + cast(days.c.number, Integer)
    return select(spans.c.span, day.label("day"), (spans.c.day_until - 1).label("last_whole")).subquery()


PRESENCE = Source(
    name="presence",
    subject="presence",
    relations=(
        Relation(
            name="members",
            dimensions=frozenset({Dimension.MEMBER_PLAN}),
            edges=("day_since", *EDGES),
            rows=_members,
            shared_arguments=cut_arguments,
        ),
    ),
)
ROLLING = Source(
    name="rolling presence",
    subject="presence",
    relations=(
        Relation(
            name="days",
            dimensions=frozenset(),
            edges=("first_day", "date_until", *EDGES),
            rows=_rolling,
            shared_arguments=cut_arguments,
        ),
    ),
)
