"""The worker process: dramatiq's threads and one event loop.

It starts and runs without Redis and without PostgreSQL: the loop looks for work until it finds some, and dramatiq's
threads wait. At the end, running reports are finished within the grace time or given back.
"""

import asyncio
import logging
import signal
from dataclasses import dataclass

import dramatiq

from makrcave_analytics import telemetry
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.tasks.actors import LoopBridge, declare
from makrcave_analytics.tasks.broker import WorkerBroker
from makrcave_analytics.tasks.periodic import WorkerServices, periodic_tasks, run_periodic

log = telemetry.logger(__name__)

POLL_MILLISECONDS = 200
"""The longest pause of an idle thread before it asks Redis again."""


@dataclass(frozen=True)
class WorkerLimits:
    """Numbers and times of a worker."""

    threads: int = 2
    """How many reports are rendered at once."""
    grace_seconds: float = 3
    """How long running work may continue after a signal."""
    look_seconds: float = 5
    """The pause between looks for reports whose message was lost."""


async def run_worker(
    services: WorkerServices,
    redis_url: str | None,
    *,
    stop: asyncio.Event | None = None,
    limits: WorkerLimits = WorkerLimits(),
) -> None:
    """Work until `stop` is set; without one, until SIGTERM or SIGINT. Closes neither the database nor the queue."""
    stopping = _on_signals() if stop is None else stop
    bridge = LoopBridge(asyncio.get_running_loop())
    threads = _start(services.runner, bridge, redis_url, limits) if redis_url is not None else None
    tasks = periodic_tasks(services, look_seconds=limits.look_seconds)
    periodic = asyncio.create_task(run_periodic(tasks, stopping))
    log.info("worker runs", redis=redis_url is not None)
    try:
        await asyncio.wait({periodic, asyncio.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        log.info("worker ends")
        await asyncio.gather(
            _end_threads(threads, bridge, limits),
            _end_periodic(periodic, limits),
        )
    log.info("worker ended")


def _start(runner: ReportRunner, bridge: LoopBridge, redis_url: str, limits: WorkerLimits) -> dramatiq.Worker:
    # Dramatiq logs its threads; what matters of that is logged here and in broker.py.
    logging.getLogger("dramatiq").setLevel(logging.WARNING)
    broker = WorkerBroker(redis_url)
    declare(broker, runner, bridge)
    worker = dramatiq.Worker(broker, worker_timeout=POLL_MILLISECONDS, worker_threads=limits.threads)
    # No more messages than threads: other workers cannot reach messages in this one's memory.
    worker.queue_prefetch = limits.threads
    worker.start()
    return worker


async def _end_threads(worker: dramatiq.Worker | None, bridge: LoopBridge, limits: WorkerLimits) -> None:
    if worker is None:
        return
    milliseconds = int(limits.grace_seconds * 1000) + 2000
    stopped = asyncio.create_task(asyncio.to_thread(worker.stop, milliseconds))
    await bridge.close(limits.grace_seconds)
    await stopped
    worker.broker.close()


async def _end_periodic(periodic: asyncio.Task[None], limits: WorkerLimits) -> None:
    await asyncio.wait({periodic}, timeout=limits.grace_seconds)
    periodic.cancel()
    await asyncio.gather(periodic, return_exceptions=True)


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
