"""Facts on their way in, of many senders: what comes together for one makerspace is committed together.

While one transaction of a makerspace runs, what else comes for it waits, and shares the next one. Everybody is answered
after the COMMIT. What waits is bounded: beyond that, senders are told to come again, and nothing of theirs is taken.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, unavailable
from makrcave_analytics.errors import NotFound, RateLimited, Unavailable
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.facts.kind import Kind, Raw
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.write import Batch, Written

log = telemetry.logger(__name__)

MOST_TOGETHER = 4_000
"""Facts of one transaction, unless one sender's batch alone is larger."""
MOST_WAITING = 40_000
"""Facts that wait or are being written; a kilobyte of metadata counts as one."""
WRITERS = 8
"""Transactions at once, each of another makerspace or kind."""


@dataclass(frozen=True)
class _PendingBatch:
    """One sender's batch, and where the answer is awaited."""

    batch: Batch
    answer: asyncio.Future[RecordOutcome]
    weight: int

    @property
    def size(self) -> int:
        return len(self.batch.judged)

    def tell(self, written: Written) -> None:
        if not self.answer.done():
            self.answer.set_result(self.batch.outcome(written))

    def fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass
class _Queue:
    """What waits for one makerspace and kind, and the task that writes it."""

    waiting: deque[_PendingBatch] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None

    def take(self) -> list[_PendingBatch]:
        """Take those who share the next transaction, in the order in which they came."""
        taken = [self.waiting.popleft()]
        room = MOST_TOGETHER - taken[0].size
        while self.waiting and self.waiting[0].size <= room:
            taken.append(self.waiting.popleft())
            room -= taken[-1].size
        return taken


_Key: TypeAlias = tuple[MakerspaceId, FactKind]


class GroupCommitter:
    """The way in of one process. Nothing is kept in it that anybody was told is recorded."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = 0
        self._lanes: dict[_Key, _Queue] = {}
        self._writers = asyncio.Semaphore(WRITERS)
        self._is_closed = False

    async def record(
        self,
        kind: Kind[Raw],
        makerspace: MakerspaceId,
        inputs: Sequence[Raw],
        *,
        recorder: Recorder,
        now: datetime,
        oldest: datetime | None = None,
    ) -> RecordOutcome:
        """Record a batch, as `write.record` does, in a transaction that it may share.

        Whoever gives up waiting changes nothing for the others.

        Raises: what `write.record` raises; RateLimited: nothing of it was taken.
        """
        batch = Batch.of(kind, makerspace, inputs, recorder=recorder, now=now, oldest=oldest)
        if not batch.facts:
            return batch.outcome(await batch.commit(self._database))
        weight = _weight(batch)
        if self._is_closed:
            raise unavailable()
        if self._waiting and self._waiting + weight > MOST_WAITING:
            raise RateLimited("Too much is waiting to be recorded. Nothing of this was taken; please send it again.")
        waiter = _PendingBatch(batch, asyncio.get_running_loop().create_future(), weight)
        self._enter((makerspace, kind.fact), waiter)
        return await waiter.answer

    async def close(self) -> None:
        """Take nothing more, and write what waits."""
        self._is_closed = True
        await asyncio.gather(*(lane.task for lane in self._lanes.values() if lane.task is not None))

    def _enter(self, key: _Key, waiter: _PendingBatch) -> None:
        self._waiting += waiter.weight
        lane = self._lanes.setdefault(key, _Queue())
        lane.waiting.append(waiter)
        if lane.task is None:
            # In a context of its own: what it logs belongs to no one request.
            lane.task = asyncio.create_task(self._drive(key, lane), context=Context())

    async def _drive(self, key: _Key, lane: _Queue) -> None:
        """Write all that waits in a lane, some at a time."""
        taken: list[_PendingBatch] = []
        try:
            while lane.waiting:
                await asyncio.sleep(0)
                async with self._writers:
                    taken = lane.take()
                    await self._write([waiter for waiter in taken if not waiter.answer.done()])
                self._leave(taken)
                taken = []
        finally:
            del self._lanes[key]
            self._leave([*taken, *lane.waiting])

    def _leave(self, waiters: list[_PendingBatch]) -> None:
        for waiter in waiters:
            self._waiting -= waiter.weight
            waiter.answer.cancel()  # of those who have their answer it changes nothing

    async def _write(self, waiters: list[_PendingBatch]) -> None:
        """Write batches in one transaction; where it fails by what one of them holds, each in its own."""
        error = await self._together(waiters)
        if error is None:
            return
        if len(waiters) == 1 or isinstance(error, Unavailable | NotFound):
            for waiter in waiters:
                waiter.fail(error)
            return
        log.warning("written one by one", batches=len(waiters), error=repr(error))
        for waiter in waiters:
            await self._write([waiter])

    async def _together(self, waiters: list[_PendingBatch]) -> Exception | None:
        """Write batches in one transaction and tell their senders, or give what went wrong."""
        if not waiters:
            return None
        try:
            written = await _joined([waiter.batch for waiter in waiters]).commit(self._database)
        except Exception as error:  # noqa: BLE001 - whatever it is, it reaches the sender whose batch it is about
            return error
        start = 0
        for waiter in waiters:
            end = start + waiter.size
            waiter.tell(Written(written.verdicts[start:end], written.data_version))
            start = end
        return None


def _joined(batches: list[Batch]) -> Batch:
    """Make one batch of several; their inputs were judged each by its sender's rights and moment."""
    first = batches[0]
    if len(batches) == 1:
        return first
    now = max(batch.now for batch in batches)
    judged = [one for batch in batches for one in batch.judged]
    return Batch(first.kind, first.makerspace, first.recorder, now, judged)


def _weight(batch: Batch) -> int:
    texts = [n for n, column in enumerate(batch.kind.columns) if column.stored_as == "jsonb"]
    facts: list[Any] = batch.facts
    return len(batch.judged) + sum(len(fact[n] or "") for fact in facts for n in texts) // 1024
