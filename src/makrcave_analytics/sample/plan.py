"""The plan of one makerspace's sample: its days, how busy each is, and its sources of random numbers.

Knows no tables. The same makerspace, seed, now and scale give the same draws, independent of their order.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random
from uuid import UUID

from makrcave_analytics.period import local_day
from makrcave_analytics.period.days import add_months
from makrcave_analytics.sample.settings import SampleMakerspace

MONTHS = 13
CLOSED_WEIGHT = 0.012
"""Weight of a closed day: a booking or two from home."""
GROWTH = 0.3
"""How much busier the last day is than the first, apart from the season."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One local day. `weight` is 1 on an ordinary day when the makerspace is open."""

    number: int
    local_day: date
    is_open: bool
    weight: float

    @property
    def week(self) -> int:
        """Number of the week, counted in sevens of days from the first day."""
        return self.number // 7


@dataclass(frozen=True)
class Plan:
    """The parameters of one makerspace's sample, before anything is drawn."""

    makerspace: SampleMakerspace
    now: datetime
    seed: int
    scale: float
    """Multiplies events and visits."""
    member_count: int | None = None
    """How many members the makerspace has; None: its usual number."""

    @property
    def members(self) -> int:
        """The number of members, including those who leave."""
        return self.member_count or self.makerspace.members

    @property
    def thinning(self) -> float:
        """Scale of every other kind of fact, at most 1: a large scale adds events only."""
        return min(self.scale, 1.0)

    @cached_property
    def today(self) -> date:
        """The local date of now."""
        return local_day(self.now, self.makerspace.zone)

    @cached_property
    def first_day(self) -> date:
        """The local date on which the facts begin."""
        return add_months(self.today, -MONTHS)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """All days from the first to today, ascending."""
        closed = {
            date.fromisoformat(closure["start_date"]) + offset * DAY
            for closure in self.makerspace.closures(self.first_day - 14 * DAY, self.today)
            for offset in range((date.fromisoformat(closure["end_date"]) - _start(closure)).days + 1)
        }
        random = self.random("days")
        count = (self.today - self.first_day).days + 1
        return tuple(self._day(number, count, closed, random) for number in range(count))

    @cached_property
    def open_days(self) -> tuple[Day, ...]:
        """The days on which the makerspace is open."""
        return tuple(day for day in self.days if day.is_open)

    @property
    def weeks(self) -> int:
        """The number of weeks, including the last one that has begun."""
        return self.days[-1].week + 1

    def random(self, subject: str) -> Random:
        """Return a source of random numbers for one subject."""
        return Random(f"{self.seed}/{self.makerspace.id}/{subject}")  # noqa: S311 - not for secrets

    def offset(self, subject: str) -> int:
        """Return the first number of a subject's rows, which seed the draws in the database."""
        return self.random(f"offset of {subject}").getrandbits(31)

    def at(self, day: date, minutes: float) -> datetime:
        """Return the instant at which the local clock shows these minutes of a day, in whole seconds."""
        clock = datetime(day.year, day.month, day.day) + timedelta(seconds=int(minutes * 60))  # noqa: DTZ001
        return clock.replace(tzinfo=self.makerspace.zone).astimezone(UTC)

    def opening_minute(self, day: Day, random: Random) -> float:
        """Draw a minute of an open day, within its opening hours."""
        opening = random.choice(self.makerspace.openings(day.local_day.weekday()))
        return random.uniform(opening.since + 10, opening.until - 30)

    def _day(self, number: int, count: int, closed: set[date], random: Random) -> Day:
        day = self.first_day + number * DAY
        chance = random.uniform(0.85, 1.15)
        is_open = day not in closed and bool(self.makerspace.openings(day.weekday()))
        if not is_open:
            return Day(number, day, is_open, CLOSED_WEIGHT * chance)
        rhythm = self.makerspace.week[day.weekday()] * self.makerspace.year[day.month - 1]
        return Day(number, day, is_open, rhythm * (1 + GROWTH * (number / count - 0.5)) * chance)


def id_at(instant: datetime, random: Random) -> UUID:
    """Make a UUID of version 7 for a fact at an instant."""
    noise = random.getrandbits(74)
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | noise >> 62 << 64 | 2 << 62 | noise & (1 << 62) - 1)


def _start(closure: dict[str, str]) -> date:
    return date.fromisoformat(closure["start_date"])
