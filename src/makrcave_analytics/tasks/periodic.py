"""Periodic tasks: all of them, and the loop that runs them.

Each task runs in every worker. A task whose work must be done once claims it in the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from makrcave_analytics import telemetry
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.queue import Queue
from makrcave_analytics.recording.writing.retention import remove_old_events
from makrcave_analytics.reports.delivery.dispatcher import NotificationDispatcher
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.storage.expiry import expire_reports, sweep_orphans
from makrcave_analytics.snapshots import close_due
from makrcave_analytics.tasks.reconcile import reconcile_reports, run_schedules

log = telemetry.logger(__name__)

Clock: TypeAlias = Callable[[], datetime]

MINUTE = 60
HOUR = 60 * MINUTE
ORPHAN_SECONDS = 6 * HOUR
"""A file that was not written to for so long, and that no row names, belongs to no running attempt."""


@dataclass(frozen=True)
class Periodic:
    """One task: run at the start, and again so many seconds after each end."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Retention:
    """For how many days raw events are kept, and the clock."""

    days: int
    clock: Clock


@dataclass(frozen=True)
class WorkerServices:
    """What a worker works with."""

    runner: ReportRunner
    queue: Queue
    retention: Retention | None = None
    """None: events are kept for ever."""
    clock: Clock | None = None
    """Says when days end. None: closing figures are not taken."""
    dispatcher: NotificationDispatcher | None = None
    """None: no notifications are sent."""


def periodic_tasks(services: WorkerServices, *, look_seconds: float = 5) -> Sequence[Periodic]:
    """Declare what runs when. `look_seconds`: the pause between looks for reports whose message was lost."""
    runner, queue, dispatcher = services.runner, services.queue, services.dispatcher
    retention, clock = services.retention, services.clock
    # Without Redis no message starts a report, so the database is looked at more often.
    often, after = (look_seconds, look_seconds) if queue.exists else (1.0, 0.0)
    return (
        Periodic("reconcile reports", often, lambda: reconcile_reports(runner, queue, after_seconds=after)),
        Periodic("run schedules", 5, lambda: run_schedules(runner.database, queue)),
        Periodic("expire reports", 10 * MINUTE, lambda: expire_reports(runner.database, runner.storage)),
        Periodic("sweep orphans", HOUR, lambda: sweep_orphans(runner.database, runner.storage, ORPHAN_SECONDS)),
        *([] if dispatcher is None else [Periodic("deliver messages", 2, dispatcher.deliver_due)]),
        *([] if retention is None else [_retention_task(runner, retention)]),
        *([] if clock is None else [Periodic("close days", MINUTE, lambda: close_due(runner.database, clock))]),
    )


def _retention_task(runner: ReportRunner, retention: Retention) -> Periodic:
    async def remove() -> None:
        await remove_old_events(runner.database, days=retention.days, now=retention.clock())

    return Periodic("remove old events", HOUR, remove)


async def run_periodic(tasks: Sequence[Periodic], stop: asyncio.Event) -> None:
    """Run tasks concurrently until `stop` is set. Cancelled, they end at once."""
    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(_repeat(task, stop))


async def _repeat(task: Periodic, stop: asyncio.Event) -> None:
    works = True
    while not stop.is_set():
        telemetry.bind_request(None)
        worked = await _succeeds(task, logs_failure=works)
        if worked and not works:
            log.info("periodic task works again", task=task.name)
        works = worked
        try:
            await asyncio.wait_for(stop.wait(), task.every_seconds)
        except TimeoutError:
            continue


async def _succeeds(task: Periodic, *, logs_failure: bool) -> bool:
    """Run a task once; say whether it succeeded. A failure is logged once, until the task succeeds again."""
    try:
        await task.run()
    except Unavailable:
        if logs_failure:
            log.warning("periodic task waits: the database is away", task=task.name)
        return False
    except Exception:
        if logs_failure:
            log.exception("periodic task failed", task=task.name)
        return False
    return True
