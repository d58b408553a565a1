"""DataLoader: collects the keys that are asked for in the same turns of the event loop and fetches them together."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

QUIET_TICKS = 2
"""A batch is sent after so many turns of the event loop without a new key. Resolvers at different depths of a document
ask in different turns, and one statement too many costs more than a turn."""


class SharedFuture(Awaitable[V]):
    """A shared future: cancelling one waiter does not cancel the others. It costs no task."""

    def __init__(self, future: asyncio.Future[V]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, None, V]:
        """Return the value, after waiting for it where it is not there yet."""
        if self._future.done():
            return self._future.result()
        return (yield from asyncio.shield(self._future).__await__())


class DataLoader(Generic[K, V]):
    """Loads values by key for one operation. Each key is fetched once, however often it is asked for."""

    def __init__(self, fetch: Callable[[list[K]], Awaitable[Mapping[K, V]]], *, quiet_ticks: int = QUIET_TICKS) -> None:
        """`fetch` returns a value for each key. Its error is raised in every waiter."""
        self._fetch = fetch
        self._quiet_ticks = quiet_ticks
        self._known: dict[K, asyncio.Future[V]] = {}
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> Awaitable[V]:
        """Return the future value of a key. All keys of the same turns of the event loop are fetched together."""
        if key not in self._known:
            self._known[key] = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                task = asyncio.create_task(self._send())
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
        return SharedFuture(self._known[key])

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """Return the values of keys, in the order of the keys."""
        return [await value for value in [self.load(key) for key in keys]]

    async def cancel(self) -> None:
        """Cancel the fetches in progress and wait until they have stopped. Their waiters are cancelled too."""
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
                    future.exception()  # marks it as retrieved: there may be no waiter left
            if not isinstance(error, Exception):
                raise
