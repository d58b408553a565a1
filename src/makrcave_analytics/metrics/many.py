"""Many things in one list, each with numbers of its own, from one statement a source however long the list.

What is asked of one of them is a breakdown by it, read at one key: so that all of them ask the same.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from makrcave_analytics.metrics.query import Answer, Ask, Filter
from makrcave_analytics.metrics.vocabulary import Dimension

_NOTHING = Answer({})


@dataclass(frozen=True)
class Many:
    """The things of a dimension that stand in one list; `ask` answers about all there are."""

    dimension: Dimension
    keys: frozenset[str]
    ask: Callable[[Ask], Awaitable[Answer]]

    def alone(self, key: str) -> Callable[[Ask], Awaitable[Answer]]:
        """Return what answers about one of them as if there were no others."""
        only = Filter(self.dimension, self.keys)

        async def ask(asked: Ask) -> Answer:
            of_each = await self.ask(replace(asked, by=(self.dimension, *asked.by), where=(*asked.where, only)))
            return of_each.parts.get(key, _NOTHING)

        return ask
