"""Group commit: batches of many senders for one makerspace and kind share a transaction.

While a transaction of a makerspace runs, further batches for it wait, and share the next one. Each sender is answered
after the COMMIT. The queue is bounded: when it is full, a batch is refused whole, and the sender may send it again.
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
from makrcave_analytics.recording.writing.batch import Batch, Written
from makrcave_analytics.recording.writing.write import commit

log = telemetry.logger(__name__)

MOST_TOGETHER = 4_000
"""Facts of one transaction, unless one batch alone is larger."""
MOST_WAITING = 40_000
"""Facts that wait or are being written; a kilobyte of metadata counts as one."""
WRITERS = 8
"""Transactions at once, each of another makerspace or kind."""


@dataclass(frozen=True)
class _PendingBatch:
    """One sender's batch, and the future of its outcome."""

    batch: Batch
    answer: asyncio.Future[RecordOutcome]
    weight: int

    @property
    def size(self) -> int:
        return len(self.batch.judged)

    def resolve(self, written: Written) -> None:
        if not self.answer.done():
            self.answer.set_result(self.batch.outcome(written))

    def fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass
class _Queue:
    """The batches that wait for one makerspace and kind, and the task that writes them."""

    waiting: deque[_PendingBatch] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None

    def take(self) -> list[_PendingBatch]:
        """Remove the batches of the next transaction, in the order in which they came."""
        taken = [self.waiting.popleft()]
        room = MOST_TOGETHER - taken[0].size
        while self.waiting and self.waiting[0].size <= room:
            taken.append(self.waiting.popleft())
            room -= taken[-1].size
        return taken


_Key: TypeAlias = tuple[MakerspaceId, FactKind]


class GroupCommitter:
    """Records the batches of one process. It holds only batches that were not yet acknowledged."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = 0
        self._queues: dict[_Key, _Queue] = {}
        self._writers = asyncio.Semaphore(WRITERS)
        self._is_closed = False

    async def record(
        self, kind: Kind[Raw], makerspace: MakerspaceId, inputs: Sequence[Raw], *, recorder: Recorder, now: datetime
    ) -> RecordOutcome:
        """Record a batch, as `write.record` does, in a transaction that it may share.

        A sender that stops waiting changes nothing for the others.

        Raises: what `write.record` raises; RateLimited: nothing of it was taken.
        """
        batch = Batch.of(kind, makerspace, inputs, recorder=recorder, now=now)
        if not batch.facts:
            return batch.outcome(await commit(self._database, batch))
        weight = _weight(batch)
        if self._is_closed:
            raise unavailable()
        if self._waiting and self._waiting + weight > MOST_WAITING:
            raise RateLimited("Too much is waiting to be recorded. Nothing of this was taken; please send it again.")
        pending = _PendingBatch(batch, asyncio.get_running_loop().create_future(), weight)
        self._enqueue((makerspace, kind.fact), pending)
        return await pending.answer

    async def close(self) -> None:
        """Refuse further batches, and write those that wait."""
        self._is_closed = True
        await asyncio.gather(*(queue.task for queue in self._queues.values() if queue.task is not None))

    def _enqueue(self, key: _Key, pending: _PendingBatch) -> None:
        self._waiting += pending.weight
        queue = self._queues.setdefault(key, _Queue())
        queue.waiting.append(pending)
        if queue.task is None:
            # An empty context: its log lines belong to no single request.
            queue.task = asyncio.create_task(self._drain(key, queue), context=Context())

    async def _drain(self, key: _Key, queue: _Queue) -> None:
        """Write the batches of a queue, one transaction after the other, until it is empty."""
        taken: list[_PendingBatch] = []
        try:
            while queue.waiting:
                await asyncio.sleep(0)
                async with self._writers:
                    taken = queue.take()
                    await self._write([pending for pending in taken if not pending.answer.done()])
                self._release(taken)
                taken = []
        finally:
            del self._queues[key]
            self._release([*taken, *queue.waiting])

    def _release(self, batches: list[_PendingBatch]) -> None:
        for pending in batches:
            self._waiting -= pending.weight
            pending.answer.cancel()  # does nothing where the answer is set

    async def _write(self, batches: list[_PendingBatch]) -> None:
        """Write batches in one transaction. Where one of them makes it fail, write each in its own."""
        error = await self._write_together(batches)
        if error is None:
            return
        if len(batches) == 1 or isinstance(error, Unavailable | NotFound):
            for pending in batches:
                pending.fail(error)
            return
        log.warning("written one by one", batches=len(batches), error=repr(error))
        for pending in batches:
            await self._write([pending])

    async def _write_together(self, batches: list[_PendingBatch]) -> Exception | None:
        """Write batches in one transaction and resolve their outcomes, or return the error."""
        if not batches:
            return None
        try:
            written = await commit(self._database, Batch.joined([pending.batch for pending in batches]))
        except Exception as error:  # noqa: BLE001 - any error reaches the sender of the batch
            return error
        start = 0
        for pending in batches:
            end = start + pending.size
            pending.resolve(Written(written.verdicts[start:end], written.data_version))
            start = end
        return None


def _weight(batch: Batch) -> int:
    texts = [n for n, column in enumerate(batch.kind.columns) if column.stored_as == "jsonb"]
    facts: list[Any] = batch.facts
    return len(batch.judged) + sum(len(fact[n] or "") for fact in facts for n in texts) // 1024
