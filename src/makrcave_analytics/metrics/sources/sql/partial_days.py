"""Cuts: the parts of days in which spans end, of which roll-ups by day hold nothing, read from the raw rows.

Most spans of a statement are cut at the same moment, that of now or as much of an earlier period. So each part is read
once a statement, whatever the number of its branches.
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
"""The edges that a relation must have whose spans are cut."""

_COLUMNS: dict[str, Any] = {
    "day": ARRAY(Date),
    "midnight": ARRAY(DateTime(timezone=True)),
    "since": ARRAY(DateTime(timezone=True)),
    "until": ARRAY(DateTime(timezone=True)),
}


def cut_presence(spans: SpanTable) -> FromClause:
    """Return (since, until, chunk, bits): who was present in each part."""

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
    """Return (day, number, begins): when each member's visit of a cut day began; what began before it, at midnight."""

    def began() -> Any:
        day = _days(spans)
        moments = _moments(spans, day, usage_events.c.event_category == ACCESS)
        first = lateral_per_row(
            select(moments.c.number, func.min(moments.c.at).label("begins")).group_by(moments.c.number), day
        )
        return select(day.c.day, *first.c).join_from(day, first, literal_column("true"))

    return spans.once("cut_visits", began)


def cut_arguments(spans: Iterable[Span]) -> dict[str, list[Any]]:
    """Return the parameters of the parts in which spans end, each part once."""
    edges = {(span.day_until, span.day_edge, span.until, span.zone) for span in spans}
    parts = sorted((day, day_start(day, zone), since, until) for day, since, until, zone in edges if since < until)
    columns = zip(*parts, strict=True) if parts else [()] * len(_COLUMNS)
    return {f"cut_{name}": list(column) for name, column in zip(_COLUMNS, columns, strict=True)}


def _parts(spans: SpanTable) -> Any:
    """Return (day, midnight, since, until): the part of a day in which a span ends, or in which it lies, each once."""
    if spans.shared is not None:
        arrays: list[Any] = [bindparam(f"cut_{name}", type_=type_) for name, type_ in _COLUMNS.items()]
        return func.unnest(*arrays).table_valued(*_COLUMNS, name="parts").render_derived()
    edge = spans.c
    # Where a day has two midnights, the zone alone gives the second; the span that begins the day gives the first.
    midnight = func.least(func.timezone(spans.zone, cast(edge.day_until, DateTime)), edge.day_edge)
    part = (edge.day_until.label("day"), midnight.label("midnight"), edge.day_edge.label("since"), edge.until)
    return select(*part).where(edge.day_edge < edge.until).distinct().subquery()


def _moments(spans: SpanTable, part: Any, *more: Any) -> Any:
    """Return (number, at) of each part: of the events that meet `more`, and of the uses that touch it."""
    since, until = part.c.since, part.c.until
    return union_all(
        select_event_moments(spans, since, until, *more), select_session_moments(spans, since, until)
    ).subquery()


def _days(spans: SpanTable) -> Any:
    """Return (day, since, until): the days of which spans hold a part, from midnight to where the last part ends."""
    part = _parts(spans).c
    return (
        select(part.day, func.min(part.midnight).label("since"), func.max(part.until).label("until"))
        .group_by(part.day)
        .subquery()
    )
