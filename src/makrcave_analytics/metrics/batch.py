"""Batch: collects keys until nobody adds any more, then fetches them together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

QUIET_TICKS = 2
"""Turns of the event loop in which no key was added before a batch is sent: resolvers at different depths of a
document ask in different turns, and one statement too many costs more than a turn."""


class Batch(Generic[K, V]):
    """Loads values by key for one operation; each key is fetched once, whoever asks and how often."""

    def __init__(self, fetch: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        """`fetch` returns a value for each key; an error of its is everybody's who waits for it."""
        self._fetch = fetch
        self._known: dict[K, asyncio.Future[V]] = {}
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V:
        """Return the value of a key, together with all that is asked for in the same turns of the loop."""
        return await asyncio.shield(self._future(key))

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """Return the values of keys, in their order."""
        futures = list(map(self._future, keys))
        return [await asyncio.shield(future) for future in futures]

    def _future(self, key: K) -> asyncio.Future[V]:
        if key not in self._known:
            self._known[key] = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                task = asyncio.create_task(self._send())
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
        return self._known[key]

    async def _send(self) -> None:
        size, quiet = 0, 0
        while quiet < QUIET_TICKS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == size else 0
            size = len(self._waiting)
        batch, self._waiting = self._waiting, {}
        try:
            values = await self._fetch(list(batch))
            for key, future in batch.items():
                if not future.done():
                    future.set_result(values[key])
        except BaseException as error:
            for future in batch.values():
                if not future.done():
                    future.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
                    future.exception()  # seen: not every waiter is still there to look
            if not isinstance(error, Exception):
                raise
