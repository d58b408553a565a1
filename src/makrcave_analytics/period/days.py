"""Calendar days and the cycles of a makerspace's calendar: weeks, months, years. Knows days, no instants."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Add months to a day; in a shorter month take its last day: 29 February ± 12 months is the 28th."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first + min(day.day - 1, (following - first).days - 1) * DAY


@dataclass(frozen=True, slots=True)
class Cycle:
    """A calendar span that repeats without gaps: 1 or 7 days, or a number of months that divides 12."""

    days: int
    months: int
    anchor: int
    """The weekday (0 is Monday) or month (1 is January) in which a repetition begins."""

    def start(self, day: date) -> date:
        """Return the first day of the repetition that contains `day`."""
        if self.days:
            return day - (day.weekday() - self.anchor) % self.days * DAY
        return add_months(day.replace(day=1), -((day.month - self.anchor) % self.months))

    def shift(self, start: date, count: int) -> date:
        """Return the first day of the repetition `count` after the one that begins on `start`."""
        return start + count * self.days * DAY if self.days else add_months(start, count * self.months)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A makerspace's calendar: its time zone, and where its weeks and fiscal years begin."""

    zone: ZoneInfo
    week_start: int = 0
    """0 is Monday."""
    fiscal_year_start_month: int = 1
    """1 is January."""

    def day(self) -> Cycle:
        """Single days."""
        return Cycle(1, 0, 0)

    def week(self) -> Cycle:
        """Weeks, from the makerspace's first day of the week."""
        return Cycle(7, 0, self.week_start)

    def month(self) -> Cycle:
        """Calendar months."""
        return Cycle(0, 1, 1)

    def quarter(self) -> Cycle:
        """Calendar quarters."""
        return Cycle(0, 3, 1)

    def year(self) -> Cycle:
        """Calendar years."""
        return Cycle(0, 12, 1)

    def fiscal_year(self) -> Cycle:
        """Years from the makerspace's first fiscal month."""
        return Cycle(0, 12, self.fiscal_year_start_month)
