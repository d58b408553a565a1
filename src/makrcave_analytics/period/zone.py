"""Instants and the local clock: where days and hours begin. Knows zones, but no calendar and no period.

Functions return instants in UTC: Python compares and subtracts two datetimes with the same ZoneInfo by their wall
clock, which is wrong around every change of the offset. `local` returns an instant with the zone's offset of that
moment as a fixed one, which is safe to compute with.
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
    """Return an instant on the zone's clock, with the offset of that moment as a fixed one.

    `fold` is 1 if the clock shows that time for the second time.
    """
    there = instant.astimezone(zone)
    return there.replace(tzinfo=timezone(_offset(there)))


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local date at an instant."""
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day: midnight, the first of two, or the end of a gap that skips it.

    A day that the zone skipped begins and ends where the next day begins.
    """
    return first_instant(datetime.combine(day, time()), zone)


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the zone's clock has reached `wall`, a datetime without a zone."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # The clock jumps over `wall`: fold 0 and fold 1 give instants on either side of the jump.
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def hour_start(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the last hour edge at or before an instant.

    An edge is where the clock shows a full hour, and where a day begins. So an hour with a change of half an hour lasts
    90 minutes, and no hour belongs to two days.
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
    """Return the first hour edge after an instant."""
    instant = instant.astimezone(UTC)
    there = instant.astimezone(zone)
    end = instant + HOUR - _into_hour(there)
    if _offset(end.astimezone(zone)) == _offset(there):
        return end
    change = _change(instant, end, zone)
    past = _into_hour(change.astimezone(zone))
    return change if not past or _begins_day(change, zone) else change + HOUR - past


def walk_hours(edge: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield hour edges without end, each in UTC and as `local` returns it."""
    edge = edge.astimezone(UTC)
    while True:
        shown = local(edge, zone)
        is_plain = not shown.fold and not _into_hour(shown)
        if is_plain and _offset((edge + 24 * HOUR).astimezone(zone)) == _offset(shown):
            # 24 hours without a change, as on most days: no zone look-up for each hour.
            for since_edge in _HOURS:
                yield edge + since_edge, shown + since_edge
            edge += 24 * HOUR
        else:
            yield edge, shown
            edge = next_hour(edge, zone)


def hour_starts(since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the hour edges in the half-open [since, until), ascending: usually 23, 24 or 25 on a local day."""
    first = hour_start(since, zone)
    edges = walk_hours(first if first == since else next_hour(since, zone), zone)
    return [edge for edge, _ in takewhile(lambda pair: pair[0] < until, edges)]


@lru_cache(maxsize=256)
def offsets(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Cut the half-open [since, until) where the zone's offset changes; return (start, end, offset), in UTC."""
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
    """Return the first instant in (before, after] with another offset than at `before`."""
    old = _offset(before.astimezone(zone))
    while after - before > TICK:
        middle = before + (after - before) / 2
        if _offset(middle.astimezone(zone)) == old:
            before = middle
        else:
            after = middle
    return after
