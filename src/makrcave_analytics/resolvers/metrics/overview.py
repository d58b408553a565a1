"""Resolvers of the overview: the cards at the top of the first screen, as of now for every requested period."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import strawberry

from makrcave_analytics.metrics.analyses.current_counts import select_current_counts
from makrcave_analytics.metrics.catalog import projects
from makrcave_analytics.metrics.catalog.revenue import net_revenue
from makrcave_analytics.metrics.catalog.usage import active_members
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import MeasureQuery, Spans
from makrcave_analytics.period import Comparison, PeriodInput, PeriodPreset, Span
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.metrics.metric import MetricField, measured
from makrcave_analytics.resolvers.metrics.scope import Question, ask, other, scoped


async def resolve_overview(info: Info, makerspace_id: strawberry.ID | None = None) -> Question:
    """Return the question that the overview's fields answer, about today."""
    return await ask(info, makerspace_id, PeriodInput(preset=PeriodPreset.TODAY), None)


async def of_dashboard(root: Question) -> Question:
    """Return the dashboard's question, about today instead of its period."""
    return await other(root, PeriodPreset.TODAY)


def today(metric: Metric) -> Callable[[Question], Awaitable[int]]:
    """Make the resolver of a count, of today or as of now."""

    async def resolve(root: Question) -> int:
        return await _count(metric, root)

    return resolve


async def active_members_this_week(root: Question) -> int:
    """Return the active members of the week so far."""
    return await _count(active_members, await other(root, PeriodPreset.THIS_WEEK))


async def active_projects(root: Question) -> int:
    """Return how many projects run at this instant: what was over this morning is not among them."""
    now, metric = root.scope.period.now, projects.active_projects
    instant = Spans([Span(now, now, root.scope.period.calendar.zone)])
    answer = await root.answer(MeasureQuery(metric, instant, now=now))
    return int(metric.combine((answer.at(0),)) or 0)


def standing(name: str) -> Callable[[Question], Awaitable[int]]:
    """Make the resolver of a count that is no metric."""

    async def resolve(root: Question) -> int:
        return int((await root.once(_standing))[name])

    return resolve


async def total_revenue(root: Question) -> MetricField | None:
    """Return the net revenue of all time."""
    if not root.visibility.money:
        return None
    first_day = (await root.once(_standing))["first_day"]
    scope = scoped(root.scope.makerspace, PeriodPreset.ALL_TIME, None, root.scope.period.now, first_day)
    return measured(net_revenue)(replace(root, scope=scope))


async def revenue_this_month(root: Question) -> MetricField | None:
    """Return the net revenue of this month so far, compared with the same part of last month."""
    return measured(net_revenue)(await other(root, PeriodPreset.THIS_MONTH, Comparison.PREVIOUS_PERIOD))


async def _count(metric: Metric, question: Question) -> int:
    return int(await question.number(metric).total() or 0)


async def _standing(root: Question) -> Mapping[str, Any]:
    """Return what no metric measures, in one statement."""
    (row,) = await root.reading.fetch(select_current_counts(root.scope.makerspace, root.scope.period.now))
    found: Mapping[str, Any] = row
    return found
