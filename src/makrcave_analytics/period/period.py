"""Period: the local days of a makerspace that an answer covers. Knows nothing of presets beyond the name."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Self

from makrcave_analytics.period.bucket import Bucket, make_buckets
from makrcave_analytics.period.days import DAY, Calendar
from makrcave_analytics.period.label import days_label
from makrcave_analytics.period.shift import Shift, Shifts
from makrcave_analytics.period.span import Span
from makrcave_analytics.period.vocabulary import Grain, PeriodPreset
from makrcave_analytics.period.zone import TICK, day_start, first_instant, local, local_day


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open [since, until), with the makerspace's offsets; from `start_date` to `end_date`, both included.

    `until` is the midnight after `end_date`, also while the period runs. Only a `cut` makes it earlier.
    """

    since: datetime
    until: datetime
    start_date: date
    end_date: date
    calendar: Calendar
    label: str
    now: datetime
    """The instant of the request, in UTC."""
    preset: PeriodPreset | None = None
    """The requested preset; None for ranges and for compared periods."""
    cut: datetime | None = None
    """Where the compared period of a running one ends early; `until` then has the same value."""
    shifts: Shifts | None = None
    """How far a compared period lies before the other; None for a period that is not a compared one."""

    @classmethod
    def of_days(
        cls, start: date, end: date, calendar: Calendar, now: datetime, preset: PeriodPreset | None = None
    ) -> Self:
        """Make the period of these local days, both included."""
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
        """The number of calendar days, including a cut one."""
        return (self.end_date - self.start_date) // DAY + 1

    @property
    def is_running(self) -> bool:
        """Whether now lies in it."""
        return self.since <= self.now < self.until

    @property
    def elapsed_until(self) -> datetime:
        """The end of the elapsed part in UTC, for denominators; `since` if the period has not begun."""
        return max(self.since, min(self.until, self.now)).astimezone(UTC)

    def span(self) -> Span:
        """Return the whole period as a span, including facts stamped ahead of now."""
        return Span(self.since.astimezone(UTC), self.until.astimezone(UTC), self.calendar.zone)

    def buckets(self, grain: Grain) -> tuple[Bucket, ...]:
        """Cut the period into buckets, as `make_buckets` does.

        Raises: Invalid for more than 100,000 buckets.
        """
        return make_buckets(self.span(), self.calendar, grain, self.now)

    def cut_at(self, now: datetime, shift: Shift) -> Self:
        """Return this period, cut at the moment that corresponds to now, or the period itself if it ends earlier."""
        zone = self.calendar.zone
        cut = first_instant(shift.back(now.astimezone(zone).replace(tzinfo=None, fold=0)), zone)
        cut = local(max(cut, self.since), zone)
        if cut >= self.until:
            return self
        end = max(self.start_date, local_day(cut - TICK, zone))
        label = days_label(self.start_date, end, self.calendar)
        if cut != day_start(end + DAY, zone):
            label = f"{label}, up to {cut:%H:%M}"
        return replace(self, until=cut, end_date=end, label=label, cut=cut)
