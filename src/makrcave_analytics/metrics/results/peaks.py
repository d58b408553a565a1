"""Peaks: the busiest hour of the day and the busiest day of a number."""

from datetime import date

from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain


async def peak_hour(number: Number) -> int | None:
    """Return the hour of the day with the largest value, the earliest of equals; None where all are 0."""
    parts = await number.breakdown(Dimension.HOUR_OF_DAY, 24)
    busiest = max(parts, key=lambda part: part.value or 0)  # of equals the first
    return int(busiest.key or 0) if busiest.value else None


async def most_active_day(number: Number) -> date | None:
    """Return the local day with the largest value, the earliest of equals; None where all are 0."""
    points = await number.series(Grain.DAY)
    busiest = max(points, key=lambda point: point.value or 0, default=None)
    return busiest.bucket.start.date() if busiest is not None and busiest.value else None
