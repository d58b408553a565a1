"""Periodic tasks: repeated concurrently until stopped, also after errors."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from makrcave_analytics.errors import Unavailable
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.delivery.dispatcher import NotificationDispatcher
from makrcave_analytics.tasks.periodic import Periodic, Retention, WorkerServices, periodic_tasks, run_periodic

README = Path(__file__).parents[2] / "README.md"


async def test_tasks_are_repeated_and_do_not_wait_for_each_other() -> None:
    stop, runs = asyncio.Event(), 0

    async def often() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            stop.set()

    async def slow() -> None:
        await stop.wait()

    await asyncio.wait_for(run_periodic([Periodic("often", 0, often), Periodic("slow", 0, slow)], stop), 30)
    assert runs == 3


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a bug")])
async def test_a_failing_task_is_repeated_and_logged_once(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    stop, runs = asyncio.Event(), 0

    async def fail_thrice() -> None:
        nonlocal runs
        runs += 1
        if runs <= 3:
            raise error
        stop.set()

    caplog.set_level("INFO")
    await asyncio.wait_for(run_periodic([Periodic("flaky", 0, fail_thrice)], stop), 30)
    logged = [record.getMessage() for record in caplog.records if "periodic task" in record.getMessage()]
    assert len(logged) == 2
    assert "works again" in logged[1]


def test_every_task_is_declared_in_one_place(runner) -> None:
    declared = {task.name: task.every_seconds for task in periodic_tasks(WorkerServices(runner, Queue(None)))}
    assert declared == {"reconcile reports": 1, "run schedules": 5, "expire reports": 600, "sweep orphans": 3600}


def test_the_readme_says_what_runs_when(runner, keys) -> None:
    clock = lambda: datetime.now(UTC)  # noqa: E731
    dispatcher = NotificationDispatcher(runner.database, runner.storage, keys, clock)
    declared = periodic_tasks(WorkerServices(runner, Queue("redis://nowhere"), Retention(1, clock), clock, dispatcher))
    table = README.read_text(encoding="utf-8").partition("| what | every | |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) (s|min|h)\b", table, re.MULTILINE)
    seconds = {"s": 1, "min": 60, "h": 3600}
    assert {name: int(n) * seconds[unit] for name, n, unit in rows} == {
        each.name: each.every_seconds for each in declared
    }
