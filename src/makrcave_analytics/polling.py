"""Polls states for many listeners with one read for all of them.

Knows neither SQL nor the listeners: the read function is passed in. Only the state that is read counts; a wake-up
just makes the next read earlier. So no change is missed if a message about it is lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from makrcave_analytics.errors import Unavailable
from makrcave_analytics.telemetry import logger

log = logger("polling")

K = TypeVar("K")
V = TypeVar("V")

SECONDS = 1.0
"""Between two reads while something is watched."""
GATHERING_SECONDS = 0.05
"""How long a read is delayed, so that keys that are watched at the same time share it."""


@dataclass(eq=False)
class _Subject(Generic[V]):
    """A watched key and its state as last read."""

    watchers: int = 0
    reading: int = 0
    """The number of the read that gave `state`; 0 before the first."""
    state: V | None = None
    changed_at: float = float("-inf")
    wanted: int = 0
    """The number of the read that a new listener waits for, even if the state is unchanged then."""
    updated: asyncio.Event = field(default_factory=asyncio.Event)

    def update(self, state: V | None, reading: int, now: float) -> None:
        """Store what was read, and wake the listeners if it changed or one of them awaits this read."""
        is_change = self.reading == 0 or state != self.state
        is_awaited = self.reading < self.wanted
        self.state, self.reading = state, reading
        if is_change:
            self.changed_at = now
        if is_change or is_awaited:
            self.updated.set()
            self.updated = asyncio.Event()


class Watch(Generic[V]):
    """One listener. Iterating yields the current state, then each new one; of several in between only the latest.

    None stands for a key that does not exist, or no longer.
    """

    def __init__(self, subject: _Subject[V], since: int, pause: float) -> None:
        self._subject = subject
        self._since = since
        self._pause = pause
        self._seen: list[V | None] = []

    def __aiter__(self) -> "Watch[V]":
        return self

    async def __anext__(self) -> V | None:
        if self._seen:
            await asyncio.sleep(self._pause)
        subject = self._subject
        while subject.reading < self._since or self._seen == [subject.state]:
            await subject.updated.wait()
        self._seen = [subject.state]
        return subject.state


class Poll(Generic[K, V]):
    """Reads all watched keys by one call every `seconds`; reads nothing while no key is watched."""

    def __init__(
        self,
        read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        seconds: float = SECONDS,
        gathering_seconds: float = GATHERING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read` returns the states of those keys that exist; after a failure it is called again at the next turn.

        `clock` counts seconds from any start.
        """
        self._read = read
        self._clock = clock
        self._seconds = seconds
        self._gathering_seconds = gathering_seconds
        self._subjects: dict[K, _Subject[V]] = {}
        self._readings = 0
        self._is_failing = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, key: K, *, pause: float = 0.0) -> Iterator[Watch[V]]:
        """Listen while the block lasts; `pause` is waited before each state but the first.

        The first state comes from a read that begins after this call, so it is no older than what the caller knows.
        """
        subject = self._subjects.setdefault(key, _Subject())
        subject.watchers += 1
        subject.wanted = self._readings + 1
        self._woken.set()
        if self._task is None:
            # An empty context: its log lines must not carry the request id of the first listener.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        try:
            yield Watch(subject, subject.wanted, pause)
        finally:
            subject.watchers -= 1
            if subject.watchers == 0:
                del self._subjects[key]
                self._woken.set()

    def wake(self, key: K) -> None:
        """Read soon, because this key may have changed. One that changed within `seconds` waits its turn."""
        subject = self._subjects.get(key)
        if subject and self._clock() - subject.changed_at >= self._seconds:
            self._woken.set()

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._subjects:
                await asyncio.sleep(self._gathering_seconds)
                self._woken.clear()
                await self._read_all()
                try:
                    await asyncio.wait_for(self._woken.wait(), self._seconds)
                except TimeoutError:
                    continue
        finally:
            self._task = None

    async def _read_all(self) -> None:
        watched = dict(self._subjects)
        if not watched:
            return
        self._readings += 1
        reading = self._readings
        try:
            states = await self._read(list(watched))
        except Exception as error:  # noqa: BLE001 - listeners stay, and the next read may succeed
            self._log_failure(error)
            return
        self._is_failing = False
        now = self._clock()
        for key, subject in watched.items():
            subject.update(states.get(key), reading, now)

    def _log_failure(self, error: Exception) -> None:
        """Log the first failure of a row, without a traceback if only the database is away."""
        if not self._is_failing:
            log.warning("cannot read watched states", exc_info=None if isinstance(error, Unavailable) else error)
        self._is_failing = True
