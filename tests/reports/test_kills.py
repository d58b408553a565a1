"""Kills during rendering: downloads are whole, the rest is swept, every report is completed in the end."""

import asyncio
import hashlib
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import pytest
from tests.reports.slow_storage import names

from makrcave_analytics.reports.inputs import ReportFilters
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.expiry import sweep_orphans
from makrcave_analytics.reports.vocabulary import ReportStatus

ROOT = Path(__file__).parents[2]
EVENTS = 20_000


@pytest.fixture
async def crash_child(migrated_url, folder):
    """Renders a report in a child process that is killed after so many seconds; returns how long it ran."""
    arguments = [sys.executable, "-m", "tests.reports.crash_child", migrated_url, str(folder)]
    process = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdin=PIPE, stdout=PIPE)

    async def run(report, seconds: float | None = None) -> float:
        process.stdin.write(f"{report.makerspace} {report.id}\n".encode())
        child = int(await process.stdout.readline())
        began = perf_counter()
        ended = asyncio.ensure_future(process.stdout.readline())
        if seconds is not None:
            await asyncio.wait({ended}, timeout=seconds)
            if not ended.done():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        assert await ended == b"ended\n"
        return perf_counter() - began

    yield run
    process.stdin.close()
    assert await process.wait() == 0


@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.faults)])
async def test_a_kill_at_any_moment_leaves_no_incomplete_file(
    kills, ask, make_makerspace, database, storage, runner, folder, owner, crash_child
) -> None:
    makerspace = await make_makerspace("UTC")
    await owner.execute(
        """INSERT INTO usage_events (makerspace_id, id, event_type, event_category, timestamp)
           SELECT $1, gen_random_uuid(), 'door', 'access', timestamptz '2026-03-01' + n * interval '1 minute'
           FROM generate_series(1, $2::int) n""",
        makerspace.value,
        EVENTS,
    )

    async def another(number: int):  # the same rows by another question, so no file is shared
        return await ask(makerspace, filters=ReportFilters(event_types=["door", f"other-{number}"]))

    first = await another(0)
    whole_run = await crash_child(first)
    whole = (await find_report(database, makerspace, first.id)).file.sha256
    reports, left = [first], Counter()
    for kill in range(1, kills + 1):
        reports.append(report := await another(kill))
        await crash_child(report, whole_run * 1.1 * kill / kills)
        known = await find_report(database, makerspace, report.id)
        files = {path.name: path for path in folder.glob("*/*")}
        parts = [files.pop(name) for name in list(files) if name.endswith(".part")]
        assert {_digest(path) for path in files.values()} == {whole}
        assert known.status in (ReportStatus.PENDING, ReportStatus.PROCESSING, ReportStatus.COMPLETED)
        assert known.status is not ReportStatus.COMPLETED or str(known.file.id) in files
        left[known.status.value] += 1
    print(f"killed {dict(left)}, unfinished files left: {len(parts)}")
    for report in reports:
        await owner.execute("UPDATE report_requests SET lease_until = now() - interval '1 s' WHERE id = $1", report.id)
        await runner.make(makerspace, report.id)
    await sweep_orphans(database, storage, -1)
    done = [await find_report(database, makerspace, report.id) for report in reports]
    assert {each.status for each in done} == {ReportStatus.COMPLETED}
    assert {each.file.sha256 for each in done} == {whole}
    assert names(folder) == sorted(str(each.file.id) for each in done)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
