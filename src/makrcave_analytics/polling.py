"""Polling: what many listeners wait for, read for all of them at once.

Knows neither SQL nor who listens: what is read is handed in. The state that is read is the truth, and whoever wakes
a poll only makes it look sooner; so a change is never missed, whatever message about it is lost.
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
"""From one reading to the next while somebody watches."""
GATHERING_SECONDS = 0.05
"""How long a reading waits for others who want one too."""


@dataclass(eq=False)
class _Subject(Generic[V]):
    """One thing that is watched, as it was last read."""

    watchers: int = 0
    reading: int = 0
    """The number of the reading that `state` is of; 0: it was never read."""
    state: V | None = None
    changed_at: float = float("-inf")
    wanted: int = 0
    """The number of the reading that somebody waits for, whatever it says."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, state: V | None, reading: int, now: float) -> None:
        """Keep what was read, and rouse those whom it concerns."""
        is_change = self.reading == 0 or state != self.state
        is_awaited = self.reading < self.wanted
        self.state, self.reading = state, reading
        if is_change:
            self.changed_at = now
        if is_change or is_awaited:
            self.news.set()
            self.news = asyncio.Event()


class Watch(Generic[V]):
    """One listener. Iterate: the state of now, then each other one; the latest, where several came meanwhile.

    None stands for what is not there, or no longer.
    """

    def __init__(self, subject: _Subject[V], since: int, pause: float) -> None:
        self._subject = subject
        self._since = since
        self._pause = pause
        self._told: list[V | None] = []

    def __aiter__(self) -> "Watch[V]":
        return self

    async def __anext__(self) -> V | None:
        if self._told:
            await asyncio.sleep(self._pause)
        subject = self._subject
        while subject.reading < self._since or self._told == [subject.state]:
            await subject.news.wait()
        self._told = [subject.state]
        return subject.state


class Poll(Generic[K, V]):
    """Reads all that is watched by one call, every `seconds` while anybody watches, and not at all else."""

    def __init__(
        self,
        read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        seconds: float = SECONDS,
        gathering_seconds: float = GATHERING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read` gives the states of those of its keys that there are; where it fails it is asked again.

        `clock` counts seconds from whenever.
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
        """Listen for as long as the block lasts; `pause` lies before each state but the first.

        The first state is of a reading that begins after this call, so it is no older than what the caller knows.
        """
        subject = self._subjects.setdefault(key, _Subject())
        subject.watchers += 1
        subject.wanted = self._readings + 1
        self._woken.set()
        if self._task is None:
            # In a context of its own: what it logs belongs to no request, least of all to the first listener's.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        try:
            yield Watch(subject, subject.wanted, pause)
        finally:
            subject.watchers -= 1
            if subject.watchers == 0:
                del self._subjects[key]
                self._woken.set()

    def wake(self, key: K) -> None:
        """Read soon, as this may have changed. What just did is read at the usual time: more would not be told."""
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
                await self._look()
                try:
                    await asyncio.wait_for(self._woken.wait(), self._seconds)
                except TimeoutError:
                    continue
        finally:
            self._task = None

    async def _look(self) -> None:
        watched = dict(self._subjects)
        if not watched:
            return
        self._readings += 1
        reading = self._readings
        try:
            states = await self._read(list(watched))
        except Exception as error:  # noqa: BLE001 - whatever it is, listeners stay and the next reading may succeed
            self._fail(error)
            return
        self._is_failing = False
        now = self._clock()
        for key, subject in watched.items():
            subject.tell(states.get(key), reading, now)

    def _fail(self, error: Exception) -> None:
        """Log the first of a row of failures; that the database is away, others say too."""
        if not self._is_failing:
            log.warning("cannot look", exc_info=None if isinstance(error, Unavailable) else error)
        self._is_failing = True
