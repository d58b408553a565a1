"""A worker process for tests: database URL, Redis URL or -, folder, seconds that each file takes, and the lease."""

import asyncio
import os
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.reports.slow_storage import SlowStorage

from makrcave_analytics import telemetry
from makrcave_analytics.config import Settings
from makrcave_analytics.db import Database
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.tasks import WorkerServices, run_worker
from makrcave_analytics.tasks.worker import WorkerLimits


async def take(seconds: float) -> None:
    """Print that a file is about to be finished, then wait."""
    print("writing", flush=True)
    await asyncio.sleep(seconds)


async def run(database_url: str, redis_url: str | None, folder: Path, *, slow: float, lease: float) -> None:
    database, queue = Database(database_url, pool_size=4), Queue(redis_url)
    storage = SlowStorage(folder, partial(take, slow)) if slow else FolderStorage(folder)
    beats = {"lease_seconds": lease, "renew_seconds": lease / 5, "beat_seconds": lease / 15}
    limits = WorkerLimits(look_seconds=lease / 6)  # in the usual proportion: a lease of 30 s, a look every 5
    runner = ReportRunner(database, storage, timedelta(days=30), **beats)
    await run_worker(WorkerServices(runner, queue), redis_url, limits=limits)
    queue.close()
    await database.dispose()


if __name__ == "__main__":
    _, database_url, redis_url, folder, slow, lease = sys.argv
    telemetry.configure(Settings(_env_file=None))
    os.umask(0o077)
    url = None if redis_url == "-" else redis_url
    asyncio.run(run(database_url, url, Path(folder), slow=float(slow), lease=float(lease)))
