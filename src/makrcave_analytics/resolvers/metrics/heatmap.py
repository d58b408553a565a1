"""Resolvers of heat maps: a metric by the hours of a week."""

from collections.abc import Awaitable, Callable

from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.results.heatmap import HourOfWeek, hours_of_week
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question


def resolve_heatmap(metric: Metric) -> Callable[[Question], Awaitable[list[HourOfWeek]]]:
    """Make the resolver of a metric's heat map."""

    async def resolve(root: Question) -> list[HourOfWeek]:
        return await hours_of_week(root.number(metric))

    return resolve


def cell_value(root: HourOfWeek) -> float | None:
    """Return a cell's value."""
    return as_float(root.value)
