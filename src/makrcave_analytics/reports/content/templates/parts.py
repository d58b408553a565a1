"""Parts of templates: each reads metrics and returns one block of a document."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date

from makrcave_analytics.letter_case import to_snake
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.metrics.results.heatmap import hours_of_week
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain, default_grain
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Block, Chart, Column, Figure, Heatmap, Line, Mark, Totals

HOURS_A_DAY = 24
_MONTHS_FROM = 62
"""The fewest days of a period whose chart by month has more than two points."""
_FEW = 2
"""The number of points up to which columns are drawn, not a line."""


def blocks(*made: Block | None) -> tuple[Block, ...]:
    """Return the blocks that there are."""
    return tuple(block for block in made if block is not None)


async def totals(context: ReportContext, metrics: Iterable[Metric], title: str = "Totals") -> Totals | None:
    """Return metrics over the whole period with their comparisons; None where none is shown."""
    numbers = context.numbers(metrics)
    figures = await asyncio.gather(*map(figure, numbers))
    return Totals(tuple(figures), context.scope.compared is not None, title) if figures else None


async def figure(number: Number) -> Figure:
    """Read one number with its comparison."""
    value, previous, change = await asyncio.gather(number.total(), number.previous(), number.change_percent())
    metric = number.metric
    return Figure(metric.key, metric.label, metric.unit, value, previous, change, metric.section)


def by_month(scope: Scope) -> Grain:
    """Return MONTH; for a short period the default grain."""
    return Grain.MONTH if scope.period.days >= _MONTHS_FROM else default_grain(scope.period, Grain.DAY)


def by_day(scope: Scope) -> Grain:
    """Return DAY up to 92 days, WEEK up to 400, else MONTH. For days always, pass `Grain.DAY` instead."""
    return default_grain(scope.period, Grain.DAY)


async def over_time(
    context: ReportContext, title: str, metrics: Sequence[Metric], grain: Grain, mark: Mark = Mark.LINE
) -> Chart | None:
    """Chart metrics of one unit over time. A single metric gets its comparison as a line. `title` ends in "per"."""
    numbers = context.numbers(metrics)
    if not numbers:
        return None
    series = await asyncio.gather(*(number.series(grain) for number in numbers))
    lines = [
        Line(number.metric.label, tuple(point.value for point in points))
        for number, points in zip(numbers, series, strict=True)
    ]
    if len(numbers) == 1 and context.scope.compared is not None:
        before = tuple(point.previous for point in series[0])
        lines.append(Line("Compared with", before, is_comparison=True))
    return Chart(
        title=f"{title} {grain.lower()}",
        mark=mark if len(series[0]) > _FEW else Mark.COLUMN,
        place_label=grain.capitalize(),
        places=tuple(point.bucket.start.date() for point in series[0]),
        lines=tuple(lines),
        unit=numbers[0].metric.unit,
    )


async def heatmap(context: ReportContext, title: str, metric: Metric, label: str) -> Heatmap | None:
    """Return a metric by weekday and hour; None where it is not shown."""
    number = context.number(metric, Dimension.DAY_OF_WEEK, Dimension.HOUR_OF_DAY)
    if number is None:
        return None
    cells = [cell.value for cell in await hours_of_week(number)]
    rows = (tuple(cells[start : start + HOURS_A_DAY]) for start in range(0, len(cells), HOURS_A_DAY))
    return Heatmap(title, metric.unit, label, tuple(rows))


def month(day: date) -> str:
    """Write a month as 2026-03."""
    return f"{day:%Y-%m}"


def metric_column(metric: Metric) -> Column:
    """Return the column of a metric's values."""
    return Column(to_snake(metric.key), metric.label, metric.unit)
