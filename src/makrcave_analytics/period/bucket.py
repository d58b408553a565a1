"""Buckets: a period cut by a grain. Knows nothing of presets, comparisons and metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period.days import Calendar, Cycle
from makrcave_analytics.period.label import cycle_label, hour_label
from makrcave_analytics.period.span import Span
from makrcave_analytics.period.vocabulary import Grain
from makrcave_analytics.period.zone import TICK, day_start, hour_start, local, local_day, walk_hours

MAX_BUCKETS = 100_000
_SHORTEST_DAYS = {Grain.HOUR: 1 / 24, Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.YEAR: 365}

_Edge = tuple[datetime, datetime, str]
"""Start of a bucket in UTC, the same with the local offset, and its label."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket of a series. `start` and `end` are its regular edges, clipped to the period, with local offsets.

    `span` is what is counted: the same, except that the current bucket counts to the period's end. Facts may be stamped
    slightly ahead of now, and they belong to the total too.
    """

    start: datetime
    end: datetime
    label: str
    is_partial: bool
    """Whether the period cuts it, or it is still running."""
    span: Span


def make_buckets(whole: Span, calendar: Calendar, grain: Grain, now: datetime) -> tuple[Bucket, ...]:
    """Cut a span into buckets, ascending and without gaps; none begins after now.

    An empty span that has begun gives one empty bucket, so that a compared bucket has a partner.

    Raises: Invalid if the whole span has more than MAX_BUCKETS buckets of the grain, independent of now.
    """
    check_count(grain, (whole.until - whole.since).days)
    since, until, zone = whole.since, whole.until, whole.zone
    edges = _hours(whole) if grain is Grain.HOUR else _days(whole, calendar, grain)
    buckets: list[Bucket] = []
    for (start, start_shown, label), (end, end_shown, _) in pairwise(edges):
        if start > now or since > now or (start >= until and buckets):
            break
        is_last = end > now or end >= until
        buckets.append(
            Bucket(
                start=start_shown if start >= since else local(since, zone),
                end=end_shown if end <= until else local(until, zone),
                label=label,
                is_partial=start < since or end > until or end > now,
                span=Span(max(start, since), until if is_last else end, zone),
            )
        )
    return tuple(buckets)


def check_count(grain: Grain, days: int, path: tuple[str, ...] = ("grain",)) -> None:
    """Check that a grain cuts this many days into at most MAX_BUCKETS.

    Raises: Invalid, which names the accepted grains.
    """
    fitting = [other for other in Grain if days / _SHORTEST_DAYS[other] <= MAX_BUCKETS]
    if grain not in fitting:
        raise Invalid(f"{grain} is too fine for {days:,} days. Accepted: {', '.join(fitting)}.", path=path)


def _hours(whole: Span) -> Iterator[_Edge]:
    last_day = max(whole.first_day, local_day(whole.until - TICK, whole.zone))
    for edge, shown in walk_hours(hour_start(whole.since, whole.zone), whole.zone):
        yield edge, shown, hour_label(shown, whole.first_day, last_day)


def _days(whole: Span, calendar: Calendar, grain: Grain) -> Iterator[_Edge]:
    cycle = _cycle(calendar, grain)
    day = cycle.start(whole.first_day)
    while True:
        start, following = day_start(day, whole.zone), cycle.shift(day, 1)
        # A zone that crossed the date line skipped a day, which has no bucket.
        if start < day_start(following, whole.zone):
            yield start, local(start, whole.zone), cycle_label(day, grain)
        day = following


def _cycle(calendar: Calendar, grain: Grain) -> Cycle:
    match grain:
        case Grain.WEEK:
            return calendar.week()
        case Grain.MONTH:
            return calendar.month()
        case Grain.QUARTER:
            return calendar.quarter()
        case Grain.YEAR:
            return calendar.year()
        case _:
            return calendar.day()
