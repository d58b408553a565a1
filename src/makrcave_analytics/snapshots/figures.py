"""Measures every metric of the catalogue over ended days, weeks or months. In JSON, exact decimals are strings.

{"currency": "EUR", "USAGE": {"events": "12", "churnRate": null}, "INVENTORY": {"stockValue": "120.50"}}
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.display.format import exact_value
from makrcave_analytics.metrics.metric import Level, Metric
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult, Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Grain, Period
from makrcave_analytics.period.zone import TICK
from makrcave_analytics.snapshots.due import Ended

Figures: TypeAlias = dict[str, Any]
Answers: TypeAlias = Callable[[MeasureQuery], Awaitable[MeasureResult]]


def stands_only_now(metric: Metric) -> bool:
    """Say whether a metric can only be measured for the present moment."""
    return any(isinstance(measure, Level) for measure in metric.measures)


LEVELS = tuple(metric for metric in CATALOG if stands_only_now(metric))
LEVEL_SECTIONS = frozenset(metric.section for metric in LEVELS)


async def measure(
    makerspace: Makerspace, grain: Grain, run: Sequence[Ended], now: datetime, answer: Answers
) -> list[Figures]:
    """Measure every metric over each bucket of a run without gaps. Past levels come from closed days."""
    period = Period.of_days(run[0].start_date, run[-1].end_date, makerspace.calendar, now)
    scope = Scope(makerspace, period)
    metrics = [metric for metric in CATALOG if grain.rank >= metric.finest.rank]
    series = await asyncio.gather(*(Number(metric, scope, answer).series(grain) for metric in metrics))
    figures = [_empty(makerspace) for _ in run]
    for metric, points in zip(metrics, series, strict=True):
        for kept, point in zip(figures, points, strict=True):
            kept[metric.section.value][metric.key] = written(metric, point.value, makerspace.currency)
    return figures


async def add_levels(figures: Figures, makerspace: Makerspace, day: Ended, answer: Answers) -> None:
    """Add the present levels to a day that has just ended, as of its last moment."""
    last_moment = day.bucket.span.until - TICK
    scope = Scope(makerspace, Period.of_days(day.start_date, day.end_date, makerspace.calendar, last_moment))
    values = await asyncio.gather(*(Number(metric, scope, answer).total() for metric in LEVELS))
    for metric, value in zip(LEVELS, values, strict=True):
        figures[metric.section.value][metric.key] = written(metric, value, makerspace.currency)


def written(metric: Metric, value: Decimal | None, currency: str) -> str | None:
    """Write a value as the API writes exact values."""
    exact = exact_value(value, metric.unit, currency)
    return None if exact is None else f"{exact:f}"


def _empty(makerspace: Makerspace) -> Figures:
    sections = dict.fromkeys(metric.section for metric in CATALOG)
    return {"currency": makerspace.currency} | {Section(section).value: {} for section in sections}
