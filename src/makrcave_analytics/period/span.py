"""Span: the instants that a statement counts, divided so that roll-ups cover most of them. Knows no period."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from makrcave_analytics.period.days import DAY
from makrcave_analytics.period.zone import TICK, day_start, hour_start, local_day


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open instants [since, until), both in UTC; `since` is an hour edge of the zone.

    A source kept by local hour reads the roll-up over [since, hour_until) and raw rows over [hour_until, until);
    one kept by local day reads the roll-up over the days [day_since, day_until) and raw rows over
    [day_edge, until). The raw part is empty unless the span is cut within an hour or a day.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo

    @property
    def hour_until(self) -> datetime:
        """The last hour edge at or before `until`."""
        return max(self.since, hour_start(self.until, self.zone))

    @property
    def first_day(self) -> date:
        """The local day of `since`."""
        return local_day(self.since, self.zone)

    @property
    def day_since(self) -> date:
        """The first whole day; equal to day_until if there is none."""
        return self.first_day

    @property
    def day_until(self) -> date:
        """The day after the last whole day. A span that begins within a day has no whole days."""
        if day_start(self.first_day, self.zone) != self.since:
            return self.first_day
        return max(self.first_day, local_day(self.until, self.zone))

    @property
    def date_until(self) -> date:
        """The day after the last day that it touches, for facts with a date and no time.

        A day within which the span is cut belongs to it as a whole; an empty span has no day.
        """
        if self.until <= self.since:
            return self.first_day
        return local_day(self.until - TICK, self.zone) + DAY

    @property
    def day_edge(self) -> datetime:
        """The instant at which the whole days end: the start of day_until, or `since` if there are none."""
        return max(self.since, day_start(self.day_until, self.zone))
