"""Partial days at the ends of spans, read from raw rows because roll-ups by day hold whole days only.

Most spans of a statement end at the same moment: now, or the same time in an earlier period. So each part is read once
per statement, however many branches it has.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Date, DateTime, FromClause, bindparam, cast, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.metrics.source import SpanTable
from makrcave_analytics.metrics.sources.sql.bitmaps import bit, select_event_moments, select_session_moments
from makrcave_analytics.metrics.sources.sql.lateral import lateral_per_row
from makrcave_analytics.models import usage_events
from makrcave_analytics.period import Span
from makrcave_analytics.period.zone import day_start

ACCESS: Any = literal_column("'access'")
EDGES = ("until", "day_until", "day_edge")
"""The edges that a relation with partial days needs."""

_COLUMNS: dict[str, Any] = {
    "day": ARRAY(Date),
    "midnight": ARRAY(DateTime(timezone=True)),
    "since": ARRAY(DateTime(timezone=True)),
    "until": ARRAY(DateTime(timezone=True)),
}


def cut_presence(spans: SpanTable) -> FromClause:
    """Return (since, until, chunk, bits): the members present in each part."""

    def present() -> Any:
        part = _parts(spans)
        moments = _moments(spans, part)
        numbers = lateral_per_row(select(moments.c.number).distinct(), part)
        chunk, bits = bit(numbers.c.number)
        return (
            select(part.c.since, part.c.until, chunk, func.bit_or(bits).label("bits"))
            .join_from(part, numbers, literal_column("true"))
            .group_by(part.c.since, part.c.until, "chunk")
        )

    return spans.once("cut_presence", present)


def cut_visits(spans: SpanTable) -> FromClause:
    """Return (day, number, begins): when the visit of each member on a partial day began, midnight at the earliest."""

    def began() -> Any:
        day = _days(spans)
        moments = _moments(spans, day, usage_events.c.event_category == ACCESS)
        first = lateral_per_row(
            select(moments.c.number, func.min(moments.c.at).label("begins")).group_by(moments.c.number), day
        )
        return select(day.c.day, *first.c).join_from(day, first, literal_column("true"))

    return spans.once("cut_visits", began)


def cut_arguments(spans: Iterable[Span]) -> dict[str, list[Any]]:
    """Return the parameters of the parts in which spans end, without repetitions."""
    edges = {(span.day_until, span.day_edge, span.until, span.zone) for span in spans}
    parts = sorted((day, day_start(day, zone), since, until) for day, since, until, zone in edges if since < until)
    columns = zip(*parts, strict=True) if parts else [()] * len(_COLUMNS)
    return {f"cut_{name}": list(column) for name, column in zip(_COLUMNS, columns, strict=True)}


def _parts(spans: SpanTable) -> Any:
    """Return (day, midnight, since, until): the parts of days in which spans end or lie, without repetitions."""
    if spans.shared is not None:
        arrays: list[Any] = [bindparam(f"cut_{name}", type_=type_) for name, type_ in _COLUMNS.items()]
        return func.unnest(*arrays).table_valued(*_COLUMNS, name="parts").render_derived()
    edge = spans.c
    # Of a day with two midnights the zone gives the second; the span that begins with the day gives the first.
    midnight = func.least(func.timezone(spans.zone, cast(edge.day_until, DateTime)), edge.day_edge)
    part = (edge.day_until.label("day"), midnight.label("midnight"), edge.day_edge.label("since"), edge.until)
    return select(*part).where(edge.day_edge < edge.until).distinct().subquery()


def _moments(spans: SpanTable, part: Any, *more: Any) -> Any:
    """Return (number, at) in each part: of the events that meet `more`, and of the uses that touch it."""
    since, until = part.c.since, part.c.until
    return union_all(
        select_event_moments(spans, since, until, *more), select_session_moments(spans, since, until)
    ).subquery()


def _days(spans: SpanTable) -> Any:
    """Return (day, since, until): the partial days, from midnight to the end of their last part."""
    part = _parts(spans).c
    return (
        select(part.day, func.min(part.midnight).label("since"), func.max(part.until).label("until"))
        .group_by(part.day)
        .subquery()
    )
