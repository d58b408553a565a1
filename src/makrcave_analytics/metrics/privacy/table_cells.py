"""Small-group suppression in tables of people, for readers who may not see people.

A reader could subtract the numbers of two filters from each other. So a filtered count is shown only where each group
that the filter names, included or excluded, could be shown by itself.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from makrcave_analytics.metrics.metric import Measure, Metric
from makrcave_analytics.metrics.privacy.suppression import too_small
from makrcave_analytics.metrics.query import Filter, Keys, MeasureResult
from makrcave_analytics.metrics.vocabulary import Dimension

MOST_NAMED = 10_000
"""The most groups that filters may name; with more, nothing is shown."""

Cell = tuple[int, Keys]
"""The position of a span, and keys."""


@dataclass(frozen=True)
class Groups:
    """The groups of people that a metric counts; of a ratio those of both measures."""

    measures: Sequence[Measure]
    counted: Sequence[MeasureResult]
    """The result of each measure in the table."""
    shown: Sequence[set[Cell]]
    """For each measure the groups that may be shown, by the dimensions of the table and those of the filters."""
    named: Sequence[Keys] | None
    """The keys of the filters in dimensions that are not the table's; None: more than MOST_NAMED."""
    least: int
    """The fewest people of a group that is shown."""

    def shows(self, cell: Cell) -> bool:
        """Say whether the value of a cell may be shown."""
        span, keys = cell
        if self.named is None:
            return False
        return all(
            _size(measure, answer, cell) >= self.least and all((span, (*keys, *more)) in shown for more in self.named)
            for measure, answer, shown in zip(self.measures, self.counted, self.shown, strict=True)
        )


async def find_groups(
    metric: Metric,
    counted: Sequence[MeasureResult],
    by: tuple[Dimension, ...],
    where: Sequence[Filter],
    cells: Iterable[Cell],
    ask: Callable[[Measure, tuple[Dimension, ...]], Awaitable[MeasureResult]],
    least: int,
) -> Groups:
    """Find the groups of a table.

    `counted` holds the results by the table's dimensions and filters; `cells` are all its cells, empty ones too. `ask`
    answers about all people without a filter, by any dimensions.
    """
    filtered = tuple(dict.fromkeys(one.dimension for one in where if one.dimension not in by))
    keys = [sorted(frozenset().union(*(one.keys for one in where if one.dimension is of)), key=str) for of in filtered]
    is_too_much = math.prod(map(len, keys)) > MOST_NAMED
    own = [] if filtered else list(cells)
    shown = []
    for measure in metric.measures:
        answer = await ask(measure, (*by, *filtered))
        is_too_much = is_too_much or answer.is_cut
        there = [(span, key) for key, values in answer.values.items() for span in values]
        shown.append(_large(measure, answer, dict.fromkeys([*own, *there]), least))
    return Groups(metric.measures, counted, shown, None if is_too_much else list(product(*keys)), least)


def _large(measure: Measure, answer: MeasureResult, cells: Iterable[Cell], least: int) -> set[Cell]:
    """Return the cells of the groups that may be shown together."""
    of_span: dict[int, dict[Keys, Decimal]] = {}
    for span, keys in cells:
        of_span.setdefault(span, {})[keys] = _size(measure, answer, (span, keys))
    return {(span, keys) for span, sizes in of_span.items() for keys in sizes.keys() - too_small(sizes, least)}


def _size(measure: Measure, answer: MeasureResult, cell: Cell) -> Decimal:
    return measure.combine((answer.at(*cell),)) or Decimal(0)
