"""Actors: what messages start. Messages hold ids only, and may arrive twice: the claim in the database decides.

Actors run in dramatiq's threads and hand their work to the event loop of the process, which owns the connections.
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
    """The bridge from worker threads to the event loop; it knows all work that runs there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[Any]] = set()
        self.is_closed = False
        """True: no more work is accepted."""

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run work to its end, from a thread. Work that is cancelled at the end of the process is given back first."""
        try:
            asyncio.run_coroutine_threadsafe(self._tracked(work), self._loop).result()
        except CancelledError:
            log.info("work interrupted: the worker ends")

    async def close(self, grace_seconds: float) -> None:
        """Accept no more work; give running work some time, then cancel it."""
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
    """Declare the actors of a broker."""

    @dramatiq.actor(broker=broker, actor_name=MAKE_REPORT, queue_name=QUEUE_NAME)
    def make_report(makerspace_id: str, report_id: str) -> None:
        bridge.run(_make_report(runner, bridge, makerspace_id, report_id, option(REQUEST_ID)))


async def _make_report(
    runner: ReportRunner, bridge: LoopBridge, makerspace_id: str, report_id: str, request_id: str | None
) -> None:
    telemetry.bind_request(request_id)
    makerspace = Viewer.system("a requested report").makerspace(makerspace_id)
    try:
        if await runner.make(makerspace, UUID(report_id)):
            await _render_pending(runner, bridge)
    except Unavailable:
        log.info("report not claimed: the database is away", report_id=report_id)


async def _render_pending(runner: ReportRunner, bridge: LoopBridge) -> None:
    """Render other pending reports, one after the other. So one message that arrives makes up for lost ones."""
    made = True
    while made:
        made = False
        for makerspace, report_id in await next_pending(runner.database):
            if bridge.is_closed:
                return
            telemetry.bind_request(None)
            made = await runner.make(makerspace, report_id) or made
