"""Instants and the local clock: where days and hours begin. Knows zones, and no calendar, period or product.

Instants come out in UTC, whatever they came in as: of two datetimes that share one ZoneInfo, Python compares and
subtracts the clock faces, which is wrong in every night that has a change. `local` shows an instant with the
offset of the zone, fixed, so that what is shown can be computed with too.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
TICK = datetime.resolution
_HOURS = tuple(hours * HOUR for hours in range(24))


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Show an instant by the zone's clock, with the offset of that moment as a fixed one.

    `fold` is 1 where the clock shows the same time for the second time.
    """
    there = instant.astimezone(zone)
    return there.replace(tzinfo=timezone(_offset(there)))


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Tell which day the zone's calendar shows at an instant."""
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Find the first instant of a local day: midnight, the first of two, or what follows a missing one.

    A day that the zone skipped begins, and ends, where the next one begins.
    """
    return first_instant(datetime.combine(day, time()), zone)


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first instant at which the zone's clock has reached `wall`, a datetime without a zone."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # The clock jumps over `wall`: its two readings lie on either side of the jump.
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def hour_start(instant: datetime, zone: ZoneInfo) -> datetime:
    """Find the last hour edge that is not after an instant.

    Edges are where the clock reads a full hour, and where a day begins. So an hour that a change of half an
    hour falls into lasts 90 minutes, and no hour belongs to two days.
    """
    instant = instant.astimezone(UTC)
    there = instant.astimezone(zone)
    start = instant - _into_hour(there)
    if _offset(start.astimezone(zone)) == _offset(there):
        return start
    change = _change(start, instant, zone)
    if _begins_day(change, zone):
        return change
    return change - TICK - _into_hour((change - TICK).astimezone(zone))


def next_hour(instant: datetime, zone: ZoneInfo) -> datetime:
    """Find the first hour edge after an instant."""
    instant = instant.astimezone(UTC)
    there = instant.astimezone(zone)
    end = instant + HOUR - _into_hour(there)
    if _offset(end.astimezone(zone)) == _offset(there):
        return end
    change = _change(instant, end, zone)
    past = _into_hour(change.astimezone(zone))
    return change if not past or _begins_day(change, zone) else change + HOUR - past


def walk_hours(edge: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Go from hour edge to hour edge, without end; each in UTC and as `local` shows it."""
    edge = edge.astimezone(UTC)
    while True:
        shown = local(edge, zone)
        is_plain = not shown.fold and not _into_hour(shown)
        if is_plain and _offset((edge + 24 * HOUR).astimezone(zone)) == _offset(shown):
            # A day without a change, most of all days: no need to ask the zone for each hour.
            for since_edge in _HOURS:
                yield edge + since_edge, shown + since_edge
            edge += 24 * HOUR
        else:
            yield edge, shown
            edge = next_hour(edge, zone)


def hour_starts(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """List the hour edges of the half-open [since, until), ascending: 23, 24 or 25 on a local day, mostly."""
    first = hour_start(since, zone)
    edges = walk_hours(first if first == since else next_hour(since, zone), zone)
    return [edge for edge, _ in takewhile(lambda pair: pair[0] < until, edges)]


@lru_cache(maxsize=256)
def offsets(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Cut the half-open [since, until) where the zone's clock changes: stretches in UTC, each with its offset."""
    found: list[tuple[datetime, datetime, timedelta]] = []
    start = at = since.astimezone(UTC)
    until = until.astimezone(UTC)
    while at < until:
        following = min(at + 24 * HOUR, until)
        offset = _offset(start.astimezone(zone))
        if _offset(min(following, until - TICK).astimezone(zone)) == offset:
            at = following
        else:
            at = _change(at, following, zone)
            found.append((start, at, offset))
            start = at
    return (*found, (start, until, _offset(start.astimezone(zone)))) if start < until else tuple(found)


def _offset(there: datetime) -> timedelta:
    return there.utcoffset() or timedelta()


def _into_hour(there: datetime) -> timedelta:
    return timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)


def _begins_day(change: datetime, zone: ZoneInfo) -> bool:
    return local_day(change, zone) > local_day(change - TICK, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant in (before, after] from which the zone has another offset than at `before`."""
    old = _offset(before.astimezone(zone))
    while after - before > TICK:
        middle = before + (after - before) / 2
        if _offset(middle.astimezone(zone)) == old:
            before = middle
        else:
            after = middle
    return after
