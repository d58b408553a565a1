"""Asks for numbers without GraphQL: of metrics, a makerspace, a period and a now."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.metrics.compiler.single import compile_asks
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult, Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.period import Comparison, DateRange, PeriodPreset, compare, resolve

Asked = PeriodPreset | tuple[date, date]


@dataclass(frozen=True)
class Asking:
    """Numbers of one makerspace, from one snapshot."""

    reading: ReadSession

    async def scope(self, asked: Asked, now: datetime, compare_to: Comparison | None = None) -> Scope:
        """Return the scope of a question, resolved as sections resolve it."""
        makerspace = await self.reading.snapshot.makerspace()
        days = DateRange(*asked) if isinstance(asked, tuple) else asked
        period = resolve(days, makerspace.calendar, now)
        return Scope(makerspace, period, compare(period, compare_to) if compare_to else None)

    async def number(self, metric: Metric, asked: Asked, now: datetime, compare_to: Comparison | None = None) -> Number:
        """Return a metric in a scope."""
        return Number(metric, await self.scope(asked, now, compare_to), self.reading.answers.load)

    async def totals(self, metrics: Iterable[Metric], asked: Asked, now: datetime) -> dict[str, Any]:
        """Return the totals of metrics, by key."""
        return {metric.key: await (await self.number(metric, asked, now)).total() for metric in metrics}

    @property
    def statements(self) -> int:
        """The number of statements sent, including the one that reads the makerspace."""
        return self.reading.snapshot.statements


def asked_by_owner(
    owner: asyncpg.Connection, makerspace: MakerspaceId, zone: str
) -> Callable[[MeasureQuery], Awaitable[MeasureResult]]:
    """Answer questions as the owner of the tables, who bypasses row-level security: only the compiler filters."""

    turn = asyncio.Lock()

    async def ask(wanted: MeasureQuery) -> MeasureResult:
        (statement,) = compile_asks([wanted], makerspace.value, zone)
        async with turn:
            rows = await owner.fetch(statement.sql, *statement.arguments)
        return statement.answers(rows)[wanted]

    return ask
