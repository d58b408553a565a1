"""Visit frequency: the members at the period's end, grouped by their visits per 30 days."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.types import NullType

from makrcave_analytics.metrics.sources.members import select_members
from makrcave_analytics.metrics.sources.sql.bitmaps import VISIT, bit
from makrcave_analytics.models import member_presence
from makrcave_analytics.period import Period, local_day

MONTH_DAYS = 30
BANDS = (("0", 0), ("1", 1), ("2–3", 3), ("4–6", 6), ("7–12", 12), ("13 and more", MONTH_DAYS))
"""Each label with the upper bound of visits in 30 days, included."""


@dataclass(frozen=True)
class VisitBand:
    """The members in one band of visits. `share` is 0 to 1; 0 where there are no members."""

    label: str
    members: int
    share: float


def select_visitors(makerspace_id: UUID, period: Period) -> Select[Any]:
    """Select (is_day, chunk, bits): who visited, one row per day that has begun; and the members, is_day false."""
    first, last = begun_days(period)
    # As of now while the period runs. A member's last day still counts.
    as_of = local_day(min(period.until, period.now), period.calendar.zone)
    one, there = select_members(makerspace_id), member_presence.c
    days = select(
        literal(value=True).label("is_day"), there.chunk, type_coerce(there.bits, NullType).label("bits")
    ).where(
        there.makerspace_id == makerspace_id,
        there.kind == VISIT,
        there.local_day >= first,
        there.local_day <= last,
    )
    numbers = (
        select(*bit(one.c.number))
        .where(one.c.joined_on <= last, or_(one.c.left_on.is_(None), one.c.left_on >= as_of))
        .subquery()
    )
    members = select(literal(value=False), numbers.c.chunk, func.bit_or(numbers.c.bits)).group_by(numbers.c.chunk)
    every = union_all(days, members).subquery()
    return select(*every.c)


def bands(rows: Iterable[Any], period: Period) -> list[VisitBand]:
    """Group the rows of `select_visitors` into bands by visits × 30 ÷ days that have begun, rounded up."""
    first, last = begun_days(period)
    days = max((last - first).days + 1, 1)
    members = [0] * len(BANDS)
    for visits, count in _members_by_visits(rows).items():
        in_30_days = -(-visits * MONTH_DAYS // days)
        members[next(place for place, (_, most) in enumerate(BANDS) if in_30_days <= most)] += count
    whole = sum(members)
    return [
        VisitBand(label, count, count / whole if whole else 0.0)
        for (label, _), count in zip(BANDS, members, strict=True)
    ]


def _members_by_visits(rows: Iterable[Any]) -> Counter[int]:
    """Count members by the number of days on which they visited.

    All members of a chunk are summed at once in bit planes: plane n holds the bit of value 2**n of every member's sum.
    A year of thousands of members takes about a millisecond; one sum per member takes some hundred times as long.
    """
    planes: defaultdict[int, list[int]] = defaultdict(list)
    members: dict[int, int] = {}
    for row in rows:
        carry = int.from_bytes(row["bits"].bytes, "big")
        if not row["is_day"]:
            members[row["chunk"]] = carry
            continue
        sums = planes[row["chunk"]]
        for n, plane in enumerate(sums):
            sums[n], carry = plane ^ carry, plane & carry
        if carry:
            sums.append(carry)
    found: Counter[int] = Counter()
    for chunk, all_members in members.items():
        groups = {0: all_members}
        for n, plane in enumerate(planes[chunk]):
            split = {days | 1 << n: group & plane for days, group in groups.items()}
            groups = {days: group & ~plane for days, group in groups.items()} | split
            groups = {days: group for days, group in groups.items() if group}
        found.update({days: group.bit_count() for days, group in groups.items()})
    return found


def begun_days(period: Period) -> tuple[date, date]:
    """Return the first day of a period and the last that has begun by now; the day before the first where none has."""
    return period.start_date, min(period.end_date, local_day(period.now, period.calendar.zone))
