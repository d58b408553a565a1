"""Period: local days of a makerspace as an answer is about them. Knows nothing of how it was asked for."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Self

from makrcave_analytics.period.bucket import Bucket, make_buckets
from makrcave_analytics.period.days import DAY, Calendar
from makrcave_analytics.period.label import days_label
from makrcave_analytics.period.span import Span
from makrcave_analytics.period.vocabulary import Grain, PeriodPreset
from makrcave_analytics.period.zone import TICK, day_start, first_instant, local, local_day


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open [since, until), shown with the makerspace's offsets; from `start_date` to `end_date`, included.

    `until` is the midnight after `end_date`, also while the period still runs, except where `cut` says otherwise.
    """

    since: datetime
    until: datetime
    start_date: date
    end_date: date
    calendar: Calendar
    label: str
    now: datetime
    """The instant at which it was asked for, in UTC."""
    preset: PeriodPreset | None = None
    """What it was asked by; None for ranges and for what periods are compared with."""
    cut: datetime | None = None
    """Where what a running period is compared with ends early. Equals `until` then."""

    @classmethod
    def of_days(
        cls, start: date, end: date, calendar: Calendar, now: datetime, preset: PeriodPreset | None = None
    ) -> Self:
        """Make the period of local days, both included."""
        return cls(
            since=local(day_start(start, calendar.zone), calendar.zone),
            until=local(day_start(end + DAY, calendar.zone), calendar.zone),
            start_date=start,
            end_date=end,
            calendar=calendar,
            label=days_label(start, end, calendar),
            now=now.astimezone(UTC),
            preset=preset,
        )

    @property
    def days(self) -> int:
        """How many calendar days it has, a cut one included."""
        return (self.end_date - self.start_date) // DAY + 1

    @property
    def is_running(self) -> bool:
        """Whether now lies in it."""
        return self.since <= self.now < self.until

    @property
    def elapsed_until(self) -> datetime:
        """Where what has elapsed of it ends, in UTC, for denominators: `since` where it has not begun."""
        return max(self.since, min(self.until, self.now)).astimezone(UTC)

    def span(self) -> Span:
        """Everything of the period, what is stamped ahead of now included."""
        return Span(self.since.astimezone(UTC), self.until.astimezone(UTC), self.calendar.zone)

    def buckets(self, grain: Grain) -> tuple[Bucket, ...]:
        """Cut the period by a grain, as `make_buckets` says.

        Raises: Invalid where that would be more than 100,000.
        """
        return make_buckets(self.span(), self.calendar, grain, self.now)

    def cut_after(self, elapsed: "Period") -> Self:
        """End where as much local time has passed as of the other until its now: whole days, then the clock.

        The period itself where it is not longer than that.
        """
        zone = self.calendar.zone
        clock = elapsed.now.astimezone(zone).replace(tzinfo=None)
        days = clock.date() - elapsed.start_date
        cut = first_instant(datetime.combine(self.start_date + days, clock.time()), zone)
        cut = local(max(cut, self.since), zone)
        if cut >= self.until:
            return self
        end = max(self.start_date, local_day(cut - TICK, zone))
        label = days_label(self.start_date, end, self.calendar)
        if cut != day_start(end + DAY, zone):
            label = f"{label}, up to {cut:%H:%M}"
        return replace(self, until=cut, end_date=end, label=label, cut=cut)
