"""The source of members: the local days on which they join and leave.

Where a makerspace synced no members, a person joins on the day on which a fact first names them. In the first 28 days
of recording nearly all are named for the first time, so none of them counts as new.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    FromClause,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import members

SETTLING_DAYS = 28
_ALWAYS: Any = literal_column("date '-infinity'")
"""The day of joining of members for whom it is unknown."""


def select_members(makerspace_id: Any) -> Any:
    """Return (user_id, number, plan, joined_on, left_on, is_new) of all present and former members.

    `is_new`: whether the joining counts as that of a new member.
    """
    rules = (
        select(
            func.coalesce(func.bool_or(members.c.is_synced), literal_column("false")).label("any_synced"),
            (func.min(members.c.first_seen_on) + SETTLING_DAYS).label("settled"),
        )
        .where(members.c.makerspace_id == makerspace_id)
        .subquery()
    )
    synced = rules.c.any_synced
    return (
        select(
            members.c.user_id,
            members.c.number,
            members.c.plan,
            case((synced, func.coalesce(members.c.joined_on, _ALWAYS)), else_=members.c.first_seen_on).label(
                "joined_on"
            ),
            case((synced, members.c.left_on)).label("left_on"),
            or_(synced, members.c.first_seen_on >= rules.c.settled).label("is_new"),
        )
        .where(
            members.c.makerspace_id == makerspace_id,
            members.c.is_synced == synced,
            or_(synced, members.c.first_seen_on.is_not(None)),
        )
        .subquery()
    )


def select_by_pseudonym(makerspace_id: UUID, pseudonyms: Iterable[str]) -> Select[Any]:
    """Select the `user_id` of the members with these pseudonyms."""
    known = members.c.pseudonym == any_(literal(list(pseudonyms), ARRAY(Text)))
    return select(members.c.user_id).where(members.c.makerspace_id == makerspace_id, known)


def _members(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return (span, people, joined_on, left_on, is_new, first_day, days_until, as_of) of members who joined by its end.

    `days_until`: the day after the last day of the span that has begun. `as_of`: the day of the span's end, or today
    where that is earlier.
    """
    window = select(
        func.least(func.min(spans.c.first_day), spans.today).label("first"),
        func.greatest(func.max(spans.c.date_until), spans.today + 1).label("last"),
    ).subquery()
    one = select_members(spans.makerspace_id)
    plan = [one.c.plan.label(Dimension.MEMBER_PLAN.value)] if needed else []
    # Days outside all spans are clamped to their edges, which leaves few different pairs of days.
    pairs = (
        select(
            *plan,
            func.greatest(one.c.joined_on, window.c.first - 1).label("joined_on"),
            case((one.c.left_on < window.c.last, one.c.left_on)).label("left_on"),
            one.c.is_new,
        )
        .where(one.c.joined_on < window.c.last, or_(one.c.left_on.is_(None), one.c.left_on >= window.c.first))
        .subquery()
    )
    groups = select(*pairs.c, func.count().label("people")).group_by(*pairs.c).subquery()
    days_until = func.least(spans.c.date_until, spans.today + 1)
    as_of = cast(func.timezone(spans.zone, func.least(spans.c.until, spans.now)), Date)
    return (
        select(
            spans.c.span,
            spans.c.first_day,
            days_until.label("days_until"),
            as_of.label("as_of"),
            *groups.c,
        )
        .where(groups.c.joined_on < days_until)
        .subquery()
    )


def is_member(row: Any) -> Any:
    """Say whether they are members as of the end of the span. The last day as a member counts."""
    return or_(row.left_on.is_(None), row.left_on >= row.as_of)


def was_member(row: Any) -> Any:
    """Say whether they were members when the span began."""
    return and_(row.joined_on < row.first_day, or_(row.left_on.is_(None), row.left_on >= row.first_day))


def joins(row: Any) -> Any:
    """Say whether they joined in the span as new members."""
    return and_(row.is_new, row.joined_on >= row.first_day)


def leaves(row: Any) -> Any:
    """Say whether their last day lies in the span."""
    return and_(row.left_on >= row.first_day, row.left_on < row.days_until)


PEOPLE = Source(
    name="members",
    subject="presence",
    relations=(
        Relation(
            name="members",
            dimensions=frozenset({Dimension.MEMBER_PLAN}),
            edges=("until", "first_day", "date_until"),
            rows=_members,
        ),
    ),
)
