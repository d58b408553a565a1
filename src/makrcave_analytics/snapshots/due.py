"""Finds days, weeks and months that have ended and have no closing figures. Pure: now is an argument."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from makrcave_analytics.period import Bucket, Calendar, Grain, Period, local_day
from makrcave_analytics.period.days import DAY
from makrcave_analytics.period.zone import TICK

FURTHEST = timedelta(days=3660)
"""How far back missed days are still closed."""


@dataclass(frozen=True)
class Ended:
    """An ended day, week or month, by its first and last local day."""

    start_date: date
    end_date: date
    bucket: Bucket


def due_days(
    grain: Grain, calendar: Calendar, first_day: date, now: datetime, kept: Iterable[tuple[date, date]]
) -> list[Ended]:
    """List what ended since the first day and is not in `kept`, ascending.

    `kept` holds first and last days. After a change of the first weekday, a week is not closed again when its middle
    day is in a kept one.
    """
    today = local_day(now, calendar.zone)
    first_day = max(first_day, today - FURTHEST)
    start = _start(grain, calendar, first_day)
    if start >= today:
        return []
    covered = {start + n * DAY for start, end in kept for n in range((end - start) // DAY + 1)}
    whole = Period.of_days(start, today - DAY, calendar, now)
    ended = (_ended(bucket) for bucket in whole.buckets(grain) if not bucket.is_partial)
    return [one for one in ended if one.start_date + (one.end_date - one.start_date) // 2 not in covered]


def runs(ended: Sequence[Ended], longest: int) -> list[list[Ended]]:
    """Split into runs without gaps of at most `longest`; the latest run first, each ascending."""
    found: list[list[Ended]] = []
    for one in reversed(ended):
        if found and len(found[-1]) < longest and found[-1][0].bucket.span.since == one.bucket.span.until:
            found[-1].insert(0, one)
        else:
            found.append([one])
    return found


def _start(grain: Grain, calendar: Calendar, day: date) -> date:
    cycle = {Grain.DAY: calendar.day, Grain.WEEK: calendar.week, Grain.MONTH: calendar.month}[grain]()
    return cycle.start(day)


def _ended(bucket: Bucket) -> Ended:
    zone = bucket.span.zone
    return Ended(local_day(bucket.span.since, zone), local_day(bucket.span.until - TICK, zone), bucket)
