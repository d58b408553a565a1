"""Renders reports in child processes, to be killed. Reads "makerspace report", prints the pid, then "ended"."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from makrcave_analytics.auth import Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.storage.local import FolderStorage


async def make(database_url: str, folder: Path, makerspace: str, report: str) -> None:
    database = Database(database_url, pool_size=2)
    runner = ReportRunner(database, FolderStorage(folder), timedelta(days=30))
    await runner.make(Viewer.system("a test").makerspace(makerspace), UUID(report))


def main(database_url: str, folder: str) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(make(database_url, Path(folder), *line.split()))
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
