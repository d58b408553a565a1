"""Shifts: how far back a compared period lies, and which part of it corresponds to each bucket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from makrcave_analytics.period.bucket import Bucket
from makrcave_analytics.period.span import Span
from makrcave_analytics.period.vocabulary import Grain
from makrcave_analytics.period.zone import first_instant, hour_start, next_hour

_COARSE = frozenset({Grain.MONTH, Grain.QUARTER, Grain.YEAR})


@dataclass(frozen=True, slots=True)
class Shift:
    """A number of calendar months or of days, backwards, on the local clock."""

    months: int = 0
    days: int = 0

    def back(self, wall: datetime) -> datetime:
        """Move a local time back. A day that the month there lacks becomes the first of the following one."""
        if not self.months:
            return wall - timedelta(days=self.days)
        year, month = divmod(wall.year * 12 + wall.month - 1 - self.months, 12)
        try:
            return wall.replace(year=year, month=month + 1)
        except ValueError:
            year, month = divmod(year * 12 + month + 1, 12)
            return wall.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Shifts:
    """How far back a compared period lies: by the clock of days and hours, and by calendar months."""

    fine: Shift
    """For buckets of hours, days and weeks: the k-th day corresponds to the k-th day."""
    coarse: Shift
    """For buckets of months, quarters and years."""

    def by(self, grain: Grain) -> Shift:
        """Return the shift that pairs buckets of a grain."""
        return self.coarse if grain in _COARSE else self.fine


def corresponding(buckets: Sequence[Bucket], compared: Span, shift: Shift) -> tuple[Span | None, ...]:
    """Return the part of a compared span that corresponds to each bucket; None for a bucket without a counterpart.

    The parts follow each other without gaps and make up the compared span: what follows the last counterpart belongs to
    the last bucket. An empty compared span corresponds to the first bucket.
    """
    if compared.until <= compared.since:
        return tuple(None if number else compared for number, _ in enumerate(buckets))
    edges = [*_edges(buckets, compared, shift), compared.until]
    spans = (Span(since, until, compared.zone) for since, until in pairwise(edges))
    return tuple(span if span.since < span.until else None for span in spans)


def _edges(buckets: Sequence[Bucket], compared: Span, shift: Shift) -> Iterator[datetime]:
    """Go through the instants at which the counterparts begin: ascending, hour edges, the first where all begins."""
    last = compared.since
    for number, bucket in enumerate(buckets):
        if number:
            last = min(max(last, _counterpart(bucket.start, shift, compared.zone)), compared.until)
        yield last


def _counterpart(shown: datetime, shift: Shift, zone: ZoneInfo) -> datetime:
    wall = shift.back(shown.replace(tzinfo=None, fold=0))
    instant = first_instant(wall, zone)
    if shown.fold:
        again = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        # The clock shows this hour for the second time; there it may show it only once.
        instant = again if again > instant else next_hour(instant, zone)
    return instant if hour_start(instant, zone) == instant else next_hour(instant, zone)
