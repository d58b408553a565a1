"""What messages start. Actors are given ids only, and may be started twice for the same: the claim decides.

They run in dramatiq's threads and hand their work to the process's one event loop, to which the connections belong.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any
from uuid import UUID

import dramatiq

from makrcave_analytics import telemetry
from makrcave_analytics.auth import Viewer
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.queue import QUEUE_NAME, REQUEST_ID
from makrcave_analytics.reports.jobs.pending import MAKE_REPORT, next_pending
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.tasks.broker import option

log = telemetry.logger(__name__)


class LoopBridge:
    """The event loop as worker threads reach it, and the work that they brought to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[Any]] = set()
        self.is_closed = False
        """Whether no more work is taken."""

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run work to its end, from a thread. What is cancelled when the process ends has been given back by then."""
        try:
            asyncio.run_coroutine_threadsafe(self._tracked(work), self._loop).result()
        except CancelledError:
            log.info("work interrupted: the worker ends")

    async def close(self, grace_seconds: float) -> None:
        """Take no more work, give what runs its time, then cancel it."""
        self.is_closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tracked(self, work: Coroutine[Any, Any, Any]) -> None:
        if self.is_closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await task


def declare(broker: dramatiq.Broker, runner: ReportRunner, bridge: LoopBridge) -> None:
    """Make the actors of a broker."""

    @dramatiq.actor(broker=broker, actor_name=MAKE_REPORT, queue_name=QUEUE_NAME)
    def make_report(makerspace_id: str, report_id: str) -> None:
        bridge.run(_make_report(runner, bridge, makerspace_id, report_id, option(REQUEST_ID)))


async def _make_report(
    runner: ReportRunner, bridge: LoopBridge, makerspace_id: str, report_id: str, request_id: str | None
) -> None:
    telemetry.bind_request(request_id)
    makerspace = Viewer.system("a report that was asked for").makerspace(makerspace_id)
    try:
        if await runner.make(makerspace, UUID(report_id)):
            await _go_on(runner, bridge)
    except Unavailable:
        log.info("report not taken: the database is away", report_id=report_id)


async def _go_on(runner: ReportRunner, bridge: LoopBridge) -> None:
    """Make what else waits, one after the other: one message that arrives is enough, whatever became of the others."""
    made = True
    while made:
        made = False
        for makerspace, report_id in await next_pending(runner.database):
            if bridge.is_closed:
                return
            telemetry.bind_request(None)
            made = await runner.make(makerspace, report_id) or made
