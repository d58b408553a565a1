"""Interval algebra: cuts intervals at the edges of spans, and of local hours where needed. Knows no facts.

Intervals and spans are first cut at full hours or days of UTC and joined by those. So a year of hours is joined by hash
and not by comparing every interval with every hour. A piece lies in one cell; the pieces add up to the interval.
"""

from typing import Any

from sqlalchemy import (
    DateTime,
    FromClause,
    Integer,
    Interval,
    and_,
    cast,
    column,
    extract,
    func,
    literal_column,
    select,
    true,
)

from makrcave_analytics.metrics.source import SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension

BY_CLOCK = frozenset({Dimension.HOUR_OF_DAY, Dimension.DAY_OF_WEEK})
_INSTANT = DateTime(timezone=True)
_ORIGIN: Any = literal_column("timestamptz '1970-01-01 00:00:00+00'")
_TICK: Any = literal_column("interval '1 microsecond'")
_HOUR: Any = literal_column("interval '1 hour'")
_DAY: Any = literal_column("interval '24 hours'")
NOTHING: Any = literal_column("interval '0'")


def pieces(spans: SpanTable, intervals: Any, needed: frozenset[Dimension]) -> FromClause:
    """Return the pieces of intervals cut by spans, and by local hours where `needed` contains clock dimensions.

    `intervals` has the columns `since` and `until`, instants of whole seconds. An empty one counts where it begins.
    Columns: those of intervals; `span`; the needed clock dimensions; `length`; `begins`, whether the interval begins
    in the piece.
    """
    stride = _HOUR if needed & BY_CLOCK else _DAY
    cells = _hours(spans) if needed & BY_CLOCK else _whole(spans)
    steps = _steps(intervals.c.since, func.greatest(intervals.c.since, intervals.c.until - _TICK), stride)
    begins = and_(intervals.c.since >= cells.c.since, intervals.c.since < cells.c.until)
    met = and_(
        cells.c.step == steps.c.at,
        intervals.c.since < cells.c.until,
        func.greatest(intervals.c.until, intervals.c.since + _TICK) > cells.c.since,
    )
    length = func.least(intervals.c.until, cells.c.until) - func.greatest(intervals.c.since, cells.c.since)
    return (
        select(
            *intervals.c,
            cells.c.span,
            *(cells.c[dimension.value] for dimension in sorted(needed & BY_CLOCK)),
            func.nullif(length, NOTHING).label("length"),
            begins.label("begins"),
        )
        .select_from(intervals)
        .join(steps, true())
        .join(cells, met)
        .subquery()
    )


def seconds(lengths: Any) -> Any:
    """Return the sum of lengths in whole seconds; null without any."""
    return extract("epoch", cast(func.sum(lengths), Interval))


def whole_second(instant: Any, *, up: bool = False) -> Any:
    """Truncate an instant to its second; with `up`, round it up."""
    last: Any = literal_column("interval '999999 microseconds'")
    return func.date_trunc(literal_column("'second'"), instant + last if up else instant)


def _whole(spans: SpanTable) -> Any:
    """Return the spans cut at days of UTC."""
    until = whole_second(spans.c.until, up=True)
    step = _steps(spans.c.since, until - _TICK, _DAY)
    return (
        select(
            spans.c.span,
            step.c.at.label("step"),
            func.greatest(spans.c.since, step.c.at).label("since"),
            func.least(until, step.c.at + _DAY).label("until"),
        )
        .join_from(_table(spans), step, true())
        .subquery()
    )


def _hours(spans: SpanTable) -> Any:
    """Return the spans cut at full hours of UTC and of the local clock."""
    until = whole_second(spans.c.until, up=True)
    step = _steps(spans.c.since, until - _TICK, _HOUR)
    clock = spans.clock
    shows = and_(clock.c.since < step.c.at + _HOUR, clock.c.until > step.c.at)
    first, last = func.greatest(clock.c.since, step.c.at), func.least(clock.c.until, step.c.at + _HOUR)
    local = _steps(first + clock.c.shift, last - _TICK + clock.c.shift, _HOUR)
    shown = func.timezone("UTC", local.c.at)
    cells = (
        select(
            spans.c.span,
            step.c.at.label("step"),
            func.greatest(spans.c.since, first, local.c.at - clock.c.shift).label("since"),
            func.least(until, last, local.c.at + _HOUR - clock.c.shift).label("until"),
            cast(extract("hour", shown), Integer).label(Dimension.HOUR_OF_DAY.value),
            cast(extract("isodow", shown) - 1, Integer).label(Dimension.DAY_OF_WEEK.value),
        )
        .select_from(_table(spans))
        .join(step, true())
        .join(clock, shows)
        .join(local, true())
        .subquery()
    )
    return select(*cells.c).where(cells.c.since < cells.c.until).subquery()


def _steps(first: Any, last: Any, stride: Any) -> Any:
    """Return the multiples of a stride from the one at or before `first` up to `last`, as rows."""
    series = func.generate_series(func.date_bin(stride, first, _ORIGIN), last, stride)
    return series.table_valued(column("at", _INSTANT)).render_derived()


def _table(spans: SpanTable) -> Any:
    return spans.c.span.table
