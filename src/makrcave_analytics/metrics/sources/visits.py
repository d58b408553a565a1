"""The source of visits: local days of a member with access or a use session.

Whole days are read from the roll-up, one bit per member and day; partial days from raw rows.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    FromClause,
    Select,
    and_,
    extract,
    func,
    literal,
    select,
    union_all,
)

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.sql.bitmaps import VISIT, chunk_of, place_of, plans_of
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_span
from makrcave_analytics.metrics.sources.sql.partial_days import EDGES, cut_arguments, cut_visits
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import member_presence, members

_OF_MEMBER = {Dimension.MEMBER: "user_id", Dimension.MEMBER_PLAN: "plan"}


def _visits(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return (span, visits) of whole days, and of the partial day in which a span ends or lies."""
    return union_all(_select_whole_days(spans, needed), _select_parts(spans, needed)).subquery()


def _select_whole_days(spans: SpanTable, needed: frozenset[Dimension]) -> Select[Any]:
    there = member_presence.c
    day = _weekday(there.local_day, needed)
    visible = (
        there.makerspace_id == spans.makerspace_id,
        there.kind == VISIT,
        there.local_day >= spans.c.day_since,
        there.local_day < spans.c.day_until,
    )
    if Dimension.MEMBER in needed:
        return _select_by_member(spans, needed, visible)
    if Dimension.MEMBER_PLAN in needed:
        plans = plans_of(spans)
        shared = func.bit_count(there.bits.op("&")(plans.c.bits))
        plan = plans.c.plan.label(Dimension.MEMBER_PLAN.value)
        of_plan = and_(plans.c.chunk == there.chunk, shared > 0)
        rows = select(*day, plan, shared.label("visits")).join_from(member_presence, plans, of_plan)
    else:
        rows = select(*day, func.bit_count(there.bits).label("visits"))
    made = lateral_per_span(rows.where(*visible), spans)
    return select(spans.c.span, *made.c)


def _select_by_member(spans: SpanTable, needed: frozenset[Dimension], visible: Sequence[Any]) -> Select[Any]:
    """Count by member number first: grouping many days by the longer ids is slower."""
    there, person = member_presence.c, members.alias("person").c
    day = _weekday(there.local_day, needed)
    of_member = and_(
        members.c.makerspace_id == spans.makerspace_id,
        chunk_of(members.c.number) == there.chunk,
        func.get_bit(there.bits, place_of(members.c.number)) == 1,
    )
    counted = (
        select(members.c.number, *day, func.count().label("visits"))
        .join_from(member_presence, members, of_member)
        .where(*visible)
        .group_by(members.c.number, *(column.element for column in day))
    )
    made = lateral_per_span(counted, spans)
    weekday = [made.c[column.name] for column in day]
    return select(spans.c.span, *weekday, *_names(needed, person), made.c.visits).where(
        person.makerspace_id == spans.makerspace_id, person.number == made.c.number
    )


def _select_parts(spans: SpanTable, needed: frozenset[Dimension]) -> Select[Any]:
    """Select the visits that begin in a partial day: a visit begins at the first moment of the member on that day."""
    first = cut_visits(spans)
    made: Select[Any] = select(
        spans.c.span, *_weekday(first.c.day, needed), *_names(needed), literal(1).label("visits")
    ).where(first.c.day == spans.c.day_until, first.c.begins >= spans.c.day_edge, first.c.begins < spans.c.until)
    if needed.isdisjoint(_OF_MEMBER):
        return made
    return made.where(members.c.makerspace_id == spans.makerspace_id, members.c.number == first.c.number)


def _weekday(day: Any, needed: frozenset[Dimension]) -> list[Any]:
    wanted = Dimension.DAY_OF_WEEK
    return [(extract("isodow", day) - 1).label(wanted.value)] if wanted in needed else []


def _names(needed: frozenset[Dimension], person: Any = members.c) -> list[Any]:
    """Return the needed dimensions of a member, from the columns of a table of members."""
    return [person[name].label(dimension.value) for dimension, name in _OF_MEMBER.items() if dimension in needed]


VISITS = Source(
    name="visits",
    subject="presence",
    relations=(
        Relation(
            name="member_presence",
            dimensions=frozenset({*_OF_MEMBER, Dimension.DAY_OF_WEEK}),
            edges=("day_since", *EDGES),
            rows=_visits,
            shared_arguments=cut_arguments,
        ),
    ),
)
