"""Many things in one list, each with numbers of its own, from one statement a source however long the list.

What is asked of one of them is a breakdown by it, read at one key: so that all of them ask the same.
"""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any

from makrcave_analytics.metrics.query import Filter, MeasureQuery, MeasureResult
from makrcave_analytics.metrics.vocabulary import Dimension

_NOTHING = MeasureResult({})


@dataclass(frozen=True)
class ListBreakdown:
    """The things of a dimension that stand in one list; `ask` answers about all there are."""

    dimension: Dimension
    keys: frozenset[str]
    ask: Callable[[MeasureQuery], Awaitable[MeasureResult]]
    _of_each: dict[MeasureQuery, MeasureQuery] = field(default_factory=dict, compare=False, repr=False)

    def for_key(self, key: str) -> Callable[[MeasureQuery], Awaitable[MeasureResult]]:
        """Return what answers about one of them as if there were no others."""
        only = Filter(self.dimension, self.keys)

        def ask(asked: MeasureQuery) -> Awaitable[MeasureResult]:
            if asked not in self._of_each:
                self._of_each[asked] = replace(asked, by=(self.dimension, *asked.by), where=(*asked.where, only))
            return _Part(self.ask(self._of_each[asked]), key)

        return ask


@dataclass(frozen=True)
class _Part(Awaitable[MeasureResult]):
    """What an answer about all says of one. It was asked for when it was made; waiting for it costs no task."""

    of_each: Awaitable[MeasureResult]
    key: str

    def __await__(self) -> Generator[Any, None, MeasureResult]:
        answer = yield from self.of_each.__await__()
        return answer.parts.get(self.key, _NOTHING)
