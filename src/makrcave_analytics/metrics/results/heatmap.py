"""Heat map: a metric by weekday and hour, as a mean over the days of the period in which that hour has begun."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from makrcave_analytics.metrics.metric import divide
from makrcave_analytics.metrics.query import MeasureQuery
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Period, day_start, hour_starts, local
from makrcave_analytics.period.days import DAY
from makrcave_analytics.period.zone import HOUR

_BY = (Dimension.DAY_OF_WEEK, Dimension.HOUR_OF_DAY)


@dataclass(frozen=True)
class HourOfWeek:
    """One cell; weekday 0 is Monday. The value is None where no such hour has begun in the period."""

    day_of_week: int
    hour: int
    value: Decimal | None


async def hours_of_week(number: Number) -> list[HourOfWeek]:
    """Return the 168 cells, Monday 0 h first: the count in the hour ÷ the days on which that hour has begun."""
    (measure,) = number.metric.measures
    scope = number.scope
    answer = await number.ask(MeasureQuery(measure, scope.totals, _BY, scope.where, scope.period.now))
    begun = _begun(scope.period)
    return [
        HourOfWeek(day, hour, _mean(answer.at(0, (str(day), str(hour))), measure.divisor, begun.get((day, hour), 0)))
        for day in range(7)
        for hour in range(24)
    ]


def _mean(counted: int | Decimal | None, divisor: int, days: int) -> Decimal | None:
    return divide(counted or 0, divisor * days) if days else None


@lru_cache(maxsize=64)
def _begun(period: Period) -> Mapping[tuple[int, int], int]:
    """Count the days of each weekday on which each hour has begun.

    An hour that the clock skips is not counted, one that it shows twice counts once.
    """
    zone, until = period.calendar.zone, period.elapsed_until
    begun: Counter[tuple[int, int]] = Counter()
    day, start = period.start_date, period.since.astimezone(UTC)
    while start < until:
        end = day_start(day + DAY, zone)
        # An ordinary day has every hour once, so the zone need not be asked for each.
        is_ordinary = end <= until and _offset(start, zone) == _offset(end - HOUR, zone) and end - start == DAY
        edges = () if is_ordinary else hour_starts(start, min(end, until), zone)
        hours = range(24) if is_ordinary else {local(edge, zone).hour for edge in edges}
        begun.update((day.weekday(), hour) for hour in hours)
        day, start = day + DAY, end
    return begun


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
