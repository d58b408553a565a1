"""Pages of lists. Sealed cursors hold the position where the last page ended, so inserts in between shift nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from makrcave_analytics.crypto import Keys
from makrcave_analytics.errors import Invalid

T = TypeVar("T")

COUNTED_UP_TO = 100_000
"""A larger total is null, because counting further is expensive."""


@dataclass(frozen=True)
class Edge(Generic[T]):
    """A node and the cursor that continues after it."""

    node: T
    cursor: str


@dataclass(frozen=True)
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page. `count` is called only where the total is selected."""

    edges: list[Edge[T]]
    page_info: PageInfo
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> list[T]:
        """The nodes without their cursors."""
        return [edge.node for edge in self.edges]


@dataclass(frozen=True)
class Listing(Generic[T]):
    """How a list is read. `fetch(position, limit)` returns the rows after a position; None: from the beginning."""

    name: str
    scope: object
    """What else a cursor is bound to: makerspace, filter, order."""
    fetch: Callable[[Sequence[Any] | None, int], Awaitable[Sequence[T]]]
    position: Callable[[T], Sequence[Any]]
    count: Callable[[], Awaitable[int]]
    most: int = 100

    async def page(self, keys: Keys, first: int, after: str | None) -> Page[T]:
        """Read a page.

        Raises: Invalid where `first` is out of bounds, or `after` is no cursor of this list.
        """
        if not 1 <= first <= self.most:
            raise Invalid(f"first must be from 1 to {self.most}.", path=("first",))
        position = None if after is None else keys.open_cursor(self.name, self.scope, after)
        found = await self.fetch(position, first + 1)
        edges = [
            Edge(node, keys.seal_cursor(self.name, self.scope, list(self.position(node)))) for node in found[:first]
        ]
        info = PageInfo(
            has_next_page=len(found) > first,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return Page(edges, info, self.count)


async def total_count(root: Page[Any]) -> int | None:
    """Return the total, or None beyond 100,000."""
    count = await root.count()
    return count if count <= COUNTED_UP_TO else None
