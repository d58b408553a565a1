"""Resolves the arguments of a section to its question: makerspace, period, comparison, permissions."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult, Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Comparison, DateRange, Period, PeriodInput, PeriodPreset, compare, resolve
from makrcave_analytics.resolvers.common.context import Context, Info

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What is answered, by a section or for one thing in a list: of which scope, and what the viewer may see there."""

    context: Context
    reading: ReadSession
    scope: Scope
    visibility: Visibility
    answer: Callable[[MeasureQuery], Awaitable[MeasureResult]]
    notes: list[str] = field(default_factory=list)
    is_part: bool = False
    """True for one row of a list; small groups of people are then hidden."""
    _found: dict[Any, asyncio.Task[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    async def once(self, find: Callable[["Question"], Coroutine[Any, Any, T]]) -> T:
        """Run `find` once for this question, and share its result among fields."""
        if find not in self._found:
            self._found[find] = asyncio.create_task(find(self))
        found: T = await self._found[find]
        return found

    def number(self, metric: Metric) -> Number:
        """Return a metric in the scope, as the viewer may see it.

        Raises: Forbidden where `visibility.shows_metric` says no.
        """
        return self.visibility.number(metric, self.scope, self.answer, is_part=self.is_part)


async def ask(
    info: Info,
    makerspace_id: str | None,
    period: PeriodInput | None,
    compare_to: Comparison | None,
) -> Question:
    """Return the question of a section. The default period is the last 30 days.

    Raises: what `Viewer.makerspace` raises; NotFound for an unknown makerspace; Invalid for an impossible period.
    """
    context = info.context
    reading = context.read(makerspace_id)
    scope = await _scope(reading, context.now, asked_period(period), compare_to)
    return Question(context, reading, scope, context.visibility(reading.makerspace_id), reading.answers.load)


async def other(question: Question, preset: PeriodPreset, compare_to: Comparison | None = None) -> Question:
    """Return the question about another period, in the same snapshot."""
    return replace(question, scope=await _scope(question.reading, question.context.now, preset, compare_to))


def scoped(
    makerspace: Makerspace,
    asked: PeriodPreset | DateRange,
    compare_to: Comparison | None,
    now: datetime,
    first_day: date | None,
) -> Scope:
    """Return the scope of a makerspace and a period. `first_day` is needed for ALL_TIME."""
    period: Period = resolve(asked, makerspace.calendar, now, first_day)
    return Scope(makerspace, period, compare(period, compare_to) if compare_to is not None else None)


async def _scope(
    reading: ReadSession, now: datetime, asked: PeriodPreset | DateRange, compare_to: Comparison | None
) -> Scope:
    makerspace = await reading.snapshot.makerspace()
    first_day = await reading.first_day() if asked is PeriodPreset.ALL_TIME else None
    return scoped(makerspace, asked, compare_to, now, first_day)


def asked_period(period: PeriodInput | None) -> PeriodPreset | DateRange:
    """Return the requested preset or range, by default the last 30 days.

    Raises: Invalid where the period is neither a preset nor a range.
    """
    if period is None:
        return PeriodPreset.LAST_30_DAYS
    if period.preset is not None:
        return period.preset
    if period.range is None:
        raise Invalid("A period is a preset or a range.", path=("period",))
    return period.range
