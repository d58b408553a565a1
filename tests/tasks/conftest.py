"""Fixtures of tasks: those of reports, and worker processes."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest
from tests.reports.plugin import add_events, ask, berlin, folder, runner, storage

__all__ = ["add_events", "ask", "berlin", "folder", "runner", "storage"]

ROOT = Path(__file__).parents[2]


class StartWorker(Protocol):
    """Starts a worker process. `slow`: before it finishes a file, it prints that and waits for so many seconds."""

    async def __call__(
        self, database_url: str, redis_url: str | None = None, *, slow: float = 0, lease: float = 1.5
    ) -> Process: ...


@pytest.fixture
async def start_worker(folder: Path, tmp_path: Path) -> AsyncIterator[StartWorker]:
    started: list[Process] = []

    async def start(database_url: str, redis_url: str | None = None, *, slow: float = 0, lease: float = 1.5) -> Process:
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            arguments = [database_url, redis_url or "-", str(folder), str(slow), str(lease)]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.tasks.runner", *arguments, cwd=ROOT, stdin=DEVNULL, stdout=PIPE, stderr=log
            )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def line(process: Process) -> str:
    """The next line that a worker prints."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode().strip()
