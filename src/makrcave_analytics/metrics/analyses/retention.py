"""Retention: members by the month in which they began, and the share of them present in each month after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, cast, func, select

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.metric import divide
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.sources.members import select_members
from makrcave_analytics.metrics.sources.sql.bitmaps import ANY
from makrcave_analytics.models import member_presence
from makrcave_analytics.period import Period, local_day
from makrcave_analytics.period.days import add_months

MAX_COHORTS = 60


class RetentionBasis(StrEnum):
    """What counts as beginning and staying."""

    ACTIVITY = "ACTIVITY"
    MEMBERSHIP = "MEMBERSHIP"


@dataclass(frozen=True)
class Cohort:
    """The members who began in a month, given by its first day.

    `active[k]` is the share present k months later, 0 to 1; None while that month runs, and in an empty cohort.
    """

    cohort: date
    size: int
    active: tuple[Decimal | None, ...]

    def seen_by(self, visibility: Visibility) -> "Cohort":
        """Return the cohort without the shares of small groups, of 0 people too: they could point at single ones."""

        def is_shown(share: Decimal | None) -> bool:
            return share is not None and visibility.shows_count(round(share * self.size))

        return replace(self, active=tuple(share if is_shown(share) else None for share in self.active))


def months_of(period: Period, cohorts: int) -> tuple[date, ...]:
    """Return the first days of the cohorts' months; the last month is that of the period's end, at most of now.

    Raises: Invalid for fewer than 1 or more than MAX_COHORTS.
    """
    if not 1 <= cohorts <= MAX_COHORTS:
        raise Invalid(f"cohorts must be from 1 to {MAX_COHORTS}.", path=("cohorts",))
    last = min(period.end_date, _today(period)).replace(day=1)
    return tuple(add_months(last, -back) for back in reversed(range(cohorts)))


def select_activity(makerspace_id: UUID, months: Sequence[date]) -> Select[Any]:
    """Select (month, chunk, bits): who was present in each month; all time before the first of `months` is one row."""
    month = cast(func.date_trunc("month", member_presence.c.local_day), Date)
    begun = func.greatest(month, add_months(months[0], -1)).label("month")
    return (
        select(begun, member_presence.c.chunk, func.bit_or(member_presence.c.bits).label("bits"))
        .where(
            member_presence.c.makerspace_id == makerspace_id,
            member_presence.c.kind == ANY,
            member_presence.c.local_day < add_months(months[-1], 1),
        )
        .group_by("month", member_presence.c.chunk)
    )


def cohorts_of_activity(rows: Sequence[Any], months: Sequence[date], period: Period) -> list[Cohort]:
    """Compute the cohorts from the rows of `select_activity`: a member belongs to the month of their first presence."""
    present = {(row["month"], row["chunk"]): int.from_bytes(row["bits"].bytes, "big") for row in rows}
    chunks = {chunk for _, chunk in present}
    seen = {chunk: present.get((add_months(months[0], -1), chunk), 0) for chunk in chunks}
    found = []
    for month in months:
        began = {chunk: present.get((month, chunk), 0) & ~seen[chunk] for chunk in chunks}
        seen = {chunk: seen[chunk] | began[chunk] for chunk in chunks}

        def there(later: date, began: dict[int, int] = began) -> int:
            return sum((bits & present.get((later, chunk), 0)).bit_count() for chunk, bits in began.items())

        found.append(_cohort(month, sum(bits.bit_count() for bits in began.values()), there, months, period))
    return found


def select_membership(makerspace_id: UUID, months: Sequence[date]) -> Select[Any]:
    """Select (joined, left, people): the number of members by the months in which they joined and left.

    Only members who joined in one of `months` count.
    """
    one = select_members(makerspace_id)
    joined = cast(func.date_trunc("month", one.c.joined_on), Date).label("joined")
    left = cast(func.date_trunc("month", one.c.left_on), Date).label("left")
    in_months = (one.c.is_new, one.c.joined_on >= months[0], one.c.joined_on < add_months(months[-1], 1))
    columns: tuple[Any, ...] = (joined, left, func.count().label("people"))
    return select(*columns).where(*in_months).group_by("joined", "left")


def cohorts_of_membership(rows: Sequence[Any], months: Sequence[date], period: Period) -> list[Cohort]:
    """Compute the cohorts from the rows of `select_membership`: a member leaves in the month of their last day."""
    found = []
    for month in months:
        of_month = [row for row in rows if row["joined"] == month]

        def there(later: date, of_month: list[Any] = of_month) -> int:
            return sum(row["people"] for row in of_month if row["left"] is None or row["left"] > later)

        found.append(_cohort(month, sum(row["people"] for row in of_month), there, months, period))
    return found


def _cohort(month: date, size: int, there: Callable[[date], int], months: Sequence[date], period: Period) -> Cohort:
    running = _today(period).replace(day=1)
    later = [each for each in months if each >= month]
    shares = (divide(there(each), size) if size and each < running else None for each in later)
    return Cohort(month, size, tuple(shares))


def _today(period: Period) -> date:
    return local_day(period.now, period.calendar.zone)
