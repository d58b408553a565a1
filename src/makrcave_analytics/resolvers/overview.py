"""Resolvers of the overview: what stands at the top of the first screen, as of now, whatever period is asked about."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields

import strawberry

from makrcave_analytics.metrics import projects
from makrcave_analytics.metrics.batch import Batch
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.number import Number
from makrcave_analytics.metrics.query import Ask, Spans
from makrcave_analytics.metrics.revenue import net_revenue
from makrcave_analytics.metrics.standing import select_standing
from makrcave_analytics.metrics.usage import active_members
from makrcave_analytics.period import Comparison, PeriodPreset, Span
from makrcave_analytics.reports import PeriodInput
from makrcave_analytics.resolvers.context import Info
from makrcave_analytics.resolvers.metric import Measured, measured
from makrcave_analytics.resolvers.question import Question, ask, other


@dataclass(frozen=True, kw_only=True)
class Overview(Question):
    """The question about today; `standing` is what no metric measures, by name, in one statement."""

    standing: Batch[str, int]


async def overview(info: Info, makerspace_id: strawberry.ID | None = None) -> Overview:
    """Return what the overview's fields answer."""
    return _overview(await ask(info, makerspace_id, PeriodInput(preset=PeriodPreset.TODAY), None))


async def of_dashboard(root: Question) -> Overview:
    """Return the same for a dashboard, whatever period that is about."""
    return _overview(await other(root, PeriodPreset.TODAY))


def today(metric: Metric) -> Callable[[Overview], Awaitable[int]]:
    """Make the resolver of a count, of today or as of now."""

    async def resolve(root: Overview) -> int:
        return await _count(metric, root)

    return resolve


async def active_members_this_week(root: Overview) -> int:
    """Return the active members of the week so far."""
    return await _count(active_members, await other(root, PeriodPreset.THIS_WEEK))


async def active_projects(root: Overview) -> int:
    """Return how many projects run at this instant: what was over this morning is not among them."""
    now, metric = root.scope.period.now, projects.active_projects
    instant = Spans([Span(now, now, root.scope.period.calendar.zone)])
    answer = await root.answer(Ask(metric, instant, now=now))
    return int(metric.combine((answer.at(0),)) or 0)


def standing(name: str) -> Callable[[Overview], Awaitable[int]]:
    """Make the resolver of what no metric measures."""

    async def resolve(root: Overview) -> int:
        return await root.standing.load(name)

    return resolve


async def total_revenue(root: Overview) -> Measured | None:
    """Return the net revenue of all time."""
    return measured(net_revenue)(await other(root, PeriodPreset.ALL_TIME))


async def revenue_this_month(root: Overview) -> Measured | None:
    """Return the net revenue of this month so far, beside as much of the last."""
    return measured(net_revenue)(await other(root, PeriodPreset.THIS_MONTH, Comparison.PREVIOUS_PERIOD))


async def _count(metric: Metric, question: Question) -> int:
    return int(await Number(metric, question.scope, question.answer).total() or 0)


def _overview(question: Question) -> Overview:
    async def fetch(_: list[str]) -> dict[str, int]:
        statement = select_standing(question.scope.makerspace, question.scope.period.now)
        return dict((await question.reading.fetch(statement))[0])

    kept = {field.name: getattr(question, field.name) for field in fields(Question) if field.init}
    return Overview(**kept, standing=Batch(fetch))
