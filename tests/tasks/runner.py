"""A worker process for tests: database URL, Redis URL or -, folder, and `stuck` or -."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.config import Settings
from makrcave_analytics.db import Database
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports import FolderStorage, Workshop
from makrcave_analytics.reports.folder import FolderSink
from makrcave_analytics.reports.storage import Label
from makrcave_analytics.tasks import run_worker


class StuckStorage(FolderStorage):
    """Never finishes a file, and says when it would have."""

    @asynccontextmanager
    async def writing(
        self, makerspace: MakerspaceId, file_id: UUID, label: Label | None = None
    ) -> AsyncIterator[FolderSink]:
        async with super().writing(makerspace, file_id, label) as sink:

            async def finish() -> None:
                print("writing", flush=True)
                await asyncio.Event().wait()

            sink.finish = finish  # type: ignore[method-assign,assignment]
            yield sink


async def run(database_url: str, redis_url: str | None, folder: Path, *, stuck: bool) -> None:
    database, queue = Database(database_url, pool_size=4), Queue(redis_url)
    storage = (StuckStorage if stuck else FolderStorage)(folder)
    workshop = Workshop(database, storage, timedelta(days=30), lease_seconds=1.5, renew_seconds=0.3, beat_seconds=0.1)
    await run_worker(workshop, queue, redis_url)
    queue.close()
    await database.dispose()


if __name__ == "__main__":
    _, database_url, redis_url, folder, stuck = sys.argv
    telemetry.configure(Settings(_env_file=None))
    os.umask(0o077)
    asyncio.run(run(database_url, None if redis_url == "-" else redis_url, Path(folder), stuck=stuck == "stuck"))
