"""Batch: collects keys until nobody adds any more, then fetches them together."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

QUIET_TICKS = 2
"""Turns of the event loop in which no key was added before a batch is sent: resolvers at different depths of a
document ask in different turns, and one statement too many costs more than a turn."""


class SharedFuture(Awaitable[V]):
    """A value that was asked for: who waits for it no longer takes it from nobody else. Costs no task."""

    def __init__(self, future: asyncio.Future[V]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, None, V]:
        """Wait, where it is not there yet."""
        if self._future.done():
            return self._future.result()
        return (yield from asyncio.shield(self._future).__await__())


class DataLoader(Generic[K, V]):
    """Loads values by key for one operation; each key is fetched once, whoever asks and how often."""

    def __init__(self, fetch: Callable[[list[K]], Awaitable[Mapping[K, V]]], *, quiet_ticks: int = QUIET_TICKS) -> None:
        """`fetch` returns a value for each key; an error of its is everybody's who waits for it."""
        self._fetch = fetch
        self._quiet_ticks = quiet_ticks
        self._known: dict[K, asyncio.Future[V]] = {}
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> Awaitable[V]:
        """Ask for the value of a key, together with all that is asked for in the same turns of the loop."""
        if key not in self._known:
            self._known[key] = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                task = asyncio.create_task(self._send())
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
        return SharedFuture(self._known[key])

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """Return the values of keys, in their order."""
        return [await value for value in [self.load(key) for key in keys]]

    async def cancel(self) -> None:
        """Cancel what is being fetched, and wait until it has stopped. Those who wait for it are cancelled too."""
        tasks = list(self._sending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self) -> None:
        size, quiet = 0, 0
        while quiet < self._quiet_ticks:
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
