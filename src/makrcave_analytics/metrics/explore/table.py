"""Makes a table: metrics of one section by dimensions and a grain. The API and reports both show it.

Rows contain keys, and ids of people among them. The caller replaces them by names or pseudonyms before showing them.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice, product

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.metric import Measure, Metric
from makrcave_analytics.metrics.privacy.table_cells import Cell, Groups, find_groups
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.query import Filter, Keys, MeasureQuery, MeasureResult, Scope, Series, Spans
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.period import Bucket, Grain

MOST_COMBINATIONS = 50_000
"""Combinations of keys and buckets that are read for one table, including those of the compared period."""


@dataclass(frozen=True)
class TableQuestion:
    """A checked question: every metric has the grain and every dimension, including those of `where`."""

    metrics: tuple[Metric, ...]
    by: tuple[Dimension, ...] = ()
    grain: Grain | None = None
    where: tuple[Filter, ...] = ()
    order_by: Metric | None = None
    """None: by bucket, then the first metric, largest first; where `is_complete`, by bucket and the order of keys."""
    is_descending: bool = True
    top: int = 100

    @property
    def section(self) -> Section:
        """The section of all its metrics."""
        return self.metrics[0].section

    @property
    def is_complete(self) -> bool:
        """Whether the table has a row for every bucket and key, not only for those with facts."""
        return not self.by or (self.grain is None and all(dimension.complete_keys for dimension in self.by))


@dataclass(frozen=True)
class AnswerRow:
    """The values of one bucket and keys, in the order of the metrics; `previous` is of what corresponds to it."""

    bucket: Bucket | None
    keys: Keys
    values: tuple[Value, ...]
    previous: tuple[Value, ...] | None
    """None without a comparison."""


@dataclass(frozen=True)
class Table:
    """A question with its rows, in order."""

    question: TableQuestion
    rows: tuple[AnswerRow, ...]
    is_truncated: bool
    """Whether there are more rows than `top`."""


async def make_table(
    question: TableQuestion,
    scope: Scope,
    ask: Callable[[MeasureQuery], Awaitable[MeasureResult]],
    visibility: Visibility,
) -> Table:
    """Answer a question within a scope. Values that the reader may not see are None and do not affect the order.

    Raises: Invalid where the table has more than MOST_COMBINATIONS.
    """
    series = None if question.grain is None else scope.series(question.grain)
    spans = scope.totals if series is None else series.spans
    asks = [_ask(measure, question, scope, spans) for metric in question.metrics for measure in metric.measures]
    answers = await asyncio.gather(*map(ask, asks))
    if any(answer.is_cut for answer in answers):
        raise Invalid(
            f"The table would be made of more than {MOST_COMBINATIONS:,} combinations. Ask for fewer dimensions, "
            "a coarser grain, a shorter period, or filter.",
            path=("table",),
        )
    each = iter(answers)
    by_metric = {metric.key: tuple(islice(each, len(metric.measures))) for metric in question.metrics}
    found = _Found(question, scope, series, by_metric, visibility)
    found = replace(found, groups=await _groups(found, spans, ask))
    rows = tuple(map(found.row, found.in_order()))
    return Table(question, rows, len(found.cells) > question.top)


def _ask(measure: Measure, question: TableQuestion, scope: Scope, spans: Spans) -> MeasureQuery:
    return MeasureQuery(
        measure=measure,
        spans=spans,
        by=question.by,
        where=(*scope.where, *question.where),
        now=scope.period.now,
        currency=scope.currency if measure.source.has_currencies else None,
        most=MOST_COMBINATIONS if question.by else None,
    )


async def _groups(
    found: "_Found", spans: Spans, ask: Callable[[MeasureQuery], Awaitable[MeasureResult]]
) -> dict[str, Groups]:
    """Find the groups of people that are suppressed, by the key of each metric with a guard."""
    question, scope, visibility = found.question, found.scope, found.visibility
    where = (*scope.where, *question.where)
    if not (question.by or where):
        return {}

    async def ask_all(measure: Measure, by: tuple[Dimension, ...]) -> MeasureResult:
        return await ask(replace(_ask(measure, replace(question, by=by), scope, spans), where=()))

    return {
        metric.key: await find_groups(
            metric,
            found.answers[metric.key],
            question.by,
            where,
            found.both_sides(),
            ask_all,
            visibility.min_group_size,
        )
        for metric in question.metrics
        if visibility.guards(metric)
    }


@dataclass(frozen=True)
class _Found:
    """The results for a question: by the key of each metric, one per measure."""

    question: TableQuestion
    scope: Scope
    series: Series | None
    answers: Mapping[str, tuple[MeasureResult, ...]]
    visibility: Visibility
    groups: Mapping[str, Groups] = field(default_factory=dict)
    """Only of the metrics that the visibility guards."""

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the period that become rows."""
        question, buckets = self.question, 1 if self.series is None else len(self.series.buckets)
        if not question.is_complete:
            return list(dict.fromkeys(cell for cell in self._there() if cell[0] < buckets))
        keys = list(product(*map(self._complete_keys, question.by)))
        return [(span, key) for span in range(buckets) for key in keys]

    def _complete_keys(self, dimension: Dimension) -> list[str]:
        """Return the complete keys of a dimension that the filters keep."""
        choices = [one for one in (*self.scope.where, *self.question.where) if one.dimension is dimension]
        return [key for key in dimension.complete_keys or () if all((key in c.keys) != c.is_excluded for c in choices)]

    def _there(self) -> Iterator[Cell]:
        for answer in chain.from_iterable(self.answers.values()):
            for keys, values in answer.values.items():
                yield from ((span, keys) for span in values)

    def in_order(self) -> list[Cell]:
        """Return the first `top` cells in order: without a value last, ties by bucket and keys."""
        question = self.question
        if question.order_by is None and question.is_complete:
            return sorted(self.cells, key=self._place)[: question.top]
        by_bucket = question.order_by is None and question.grain is not None
        metric, sign = question.order_by or question.metrics[0], -1 if question.is_descending else 1

        def rank(cell: Cell) -> tuple[int, bool, Decimal]:
            value = self.value(metric, cell)
            return cell[0] if by_bucket else 0, value is None, sign * (value or Decimal(0))

        ranks = {cell: rank(cell) for cell in self.cells}
        first = sorted(ranks, key=ranks.__getitem__)
        if len(first) > question.top:  # ties are ordered only among cells that may be shown
            last = ranks[first[question.top - 1]]
            first = first[: bisect_right(first, last, key=ranks.__getitem__)]
        return sorted(first, key=lambda cell: (ranks[cell], self._place(cell)))[: question.top]

    def _place(self, cell: Cell) -> tuple[int, list[tuple[bool, int, str]]]:
        """Return the sort key of a cell by bucket and keys: hours and weekdays in their order, None last."""
        span, keys = cell
        orders = self._orders
        return span, [(key is None, order.get(key, 0), key or "") for key, order in zip(keys, orders, strict=True)]

    @cached_property
    def _orders(self) -> list[dict[str | None, int]]:
        return [{key: n for n, key in enumerate(dimension.complete_keys or ())} for dimension in self.question.by]

    def row(self, cell: Cell) -> AnswerRow:
        """Return the row of a cell of the period."""
        span, keys = cell
        metrics = self.question.metrics
        previous = None
        if self.scope.compared is not None:
            before = self._before(cell)
            previous = tuple(None if before is None else self.value(metric, before) for metric in metrics)
        bucket = None if self.series is None else self.series.buckets[span]
        return AnswerRow(bucket, keys, tuple(self.value(metric, cell) for metric in metrics), previous)

    def value(self, metric: Metric, cell: Cell) -> Value:
        """Return a metric's value in a cell of either period; None where it is undefined or hidden."""
        is_small = metric.key in self.groups and not self.groups[metric.key].shows(cell)
        if is_small or not self.visibility.shows_metric(metric):
            return None
        return metric.combine(tuple(answer.at(*cell) for answer in self.answers[metric.key]))

    def both_sides(self) -> list[Cell]:
        """Return the cells of the period, then those that they are compared with."""
        before = [cell for cell in map(self._before, self.cells) if cell is not None] if self.scope.compared else []
        return self.cells + before

    def _before(self, cell: Cell) -> Cell | None:
        """Return the cell that a cell of the period is compared with; None where there is none."""
        span, keys = cell
        if self.series is None:
            return 1, keys
        previous = self.series.previous[span]
        return None if previous is None else (previous, keys)
