"""Numbers of each row of a list, from one statement per source however long the list is.

A question about one row becomes a breakdown by the dimension of the list, read at the key of the row. So all rows ask
the same question.
"""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any

from makrcave_analytics.metrics.query import Filter, MeasureQuery, MeasureResult
from makrcave_analytics.metrics.vocabulary import Dimension

_NOTHING = MeasureResult({})


@dataclass(frozen=True)
class ListBreakdown:
    """The keys of one dimension in a list. `ask` answers questions about all keys."""

    dimension: Dimension
    keys: frozenset[str]
    ask: Callable[[MeasureQuery], Awaitable[MeasureResult]]
    _of_each: dict[MeasureQuery, MeasureQuery] = field(default_factory=dict, compare=False, repr=False)

    def for_key(self, key: str) -> Callable[[MeasureQuery], Awaitable[MeasureResult]]:
        """Return a function that answers questions about one key alone."""
        only = Filter(self.dimension, self.keys)

        def ask(asked: MeasureQuery) -> Awaitable[MeasureResult]:
            if asked not in self._of_each:
                self._of_each[asked] = replace(asked, by=(self.dimension, *asked.by), where=(*asked.where, only))
            return _KeyResult(self.ask(self._of_each[asked]), key)

        return ask


@dataclass(frozen=True)
class _KeyResult(Awaitable[MeasureResult]):
    """The result of one key within the result of all. The question is asked on creation; waiting costs no task."""

    of_each: Awaitable[MeasureResult]
    key: str

    def __await__(self) -> Generator[Any, None, MeasureResult]:
        answer = yield from self.of_each.__await__()
        return answer.parts.get(self.key, _NOTHING)
