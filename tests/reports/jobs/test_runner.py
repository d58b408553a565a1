"""One report from claim to end, through losses, cancellations and failures."""

import asyncio
import resource
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.reports.plugin import content, until
from tests.reports.slow_storage import SlowStorage, names

from makrcave_analytics.db import Database
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.reports.jobs.claims import MAX_ATTEMPTS
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.vocabulary import ReportStatus


@pytest.fixture
def state(database):
    async def run(report):
        return await find_report(database, report.makerspace, report.id)

    return run


async def test_a_report_is_rendered_once(ask, runner, berlin, state, owner) -> None:
    report = await ask(berlin)
    assert sorted(await asyncio.gather(*(runner.make(berlin, report.id) for _ in range(5)))) == [False] * 4 + [True]
    assert (await state(report)).attempts == 1
    assert await owner.fetchval("SELECT count(*) FROM report_files") == 1
    assert not await runner.make(berlin, report.id)


async def test_a_cancelled_run_gives_the_report_back(ask, runner, berlin, state, folder) -> None:
    report = await ask(berlin)
    storage = SlowStorage(folder, asyncio.Event().wait)
    job = asyncio.create_task(replace(runner, storage=storage).make(berlin, report.id))
    await storage.reached.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert ((await state(report)).status, names(folder)) == (ReportStatus.PENDING, [])
    assert await runner.make(berlin, report.id)
    assert ((await state(report)).status, (await state(report)).attempts) == (ReportStatus.COMPLETED, 2)


async def test_a_worker_that_resumes_after_its_lease_changes_nothing(ask, runner, berlin, state, folder, owner) -> None:
    report = await ask(berlin)
    woken = asyncio.Event()
    storage = SlowStorage(folder, woken.wait)
    late = asyncio.create_task(replace(runner, storage=storage, beat_seconds=3600).make(berlin, report.id))
    await storage.reached.wait()
    await owner.execute("UPDATE report_requests SET lease_until = now() - interval '1 s'")
    assert await runner.make(berlin, report.id)
    done = await state(report)
    before = content(folder, done)
    woken.set()
    await late
    assert await state(report) == done
    assert (content(folder, done), names(folder)) == (before, [str(done.file.id)])


async def test_a_worker_that_lost_its_claim_stops(ask, runner, berlin, state, folder, owner) -> None:
    report = await ask(berlin)
    storage = SlowStorage(folder, asyncio.Event().wait)
    hurried = replace(runner, storage=storage, beat_seconds=0.01, renew_seconds=0)
    job = asyncio.create_task(hurried.make(berlin, report.id))
    await storage.reached.wait()
    await owner.execute("UPDATE report_requests SET status = 'CANCELLED'")
    await job
    assert ((await state(report)).status, names(folder)) == (ReportStatus.CANCELLED, [])


async def test_the_lease_is_renewed_while_the_file_is_written(ask, runner, berlin, state, folder, owner) -> None:
    report = await ask(berlin)
    go_on = asyncio.Event()
    storage = SlowStorage(folder, go_on.wait)
    hurried = replace(runner, storage=storage, lease_seconds=2, renew_seconds=0, beat_seconds=0.02)
    job = asyncio.create_task(hurried.make(berlin, report.id))
    await storage.reached.wait()
    first = await owner.fetchval("SELECT lease_until FROM report_requests")

    async def renewed() -> bool:
        known = await owner.fetchrow("SELECT lease_until, progress, stage FROM report_requests")
        return (known["lease_until"] > first, known["progress"], known["stage"]) == (True, 0.99, "Reading events")

    await until(renewed)
    go_on.set()
    await job
    assert (await state(report)).status is ReportStatus.COMPLETED


async def test_a_storage_error_fails_the_report_and_not_the_next(ask, runner, berlin, state, folder) -> None:
    async def full() -> None:
        raise StorageError("No space left on device: /srv/reports")

    broken, good = await ask(berlin), await ask(berlin)
    await replace(runner, storage=SlowStorage(folder, full)).make(berlin, broken.id)
    failed = await state(broken)
    assert (failed.status, failed.error.code) == (ReportStatus.FAILED, "STORAGE_FAILED")
    assert "/srv" not in failed.error.message
    await runner.make(berlin, good.id)
    assert (await state(good)).status is ReportStatus.COMPLETED
    assert names(folder) == [str((await state(good)).file.id)]


async def test_a_folder_that_cannot_be_written_fails_with_a_code(ask, runner, berlin, state, tmp_path) -> None:
    (tmp_path / "file").touch()
    report = await ask(berlin)
    await replace(runner, storage=FolderStorage(tmp_path / "file")).make(berlin, report.id)
    assert (await state(report)).error.code == "STORAGE_FAILED"


async def test_a_disk_that_is_full_fails_the_report_with_a_code_and_the_next_one_works(
    ask, runner, berlin, state, folder
) -> None:
    """The limit is the kernel's, so a real write fails."""
    broken, good = await ask(berlin), await ask(berlin)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        await runner.make(berlin, broken.id)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (await state(broken)).error.code == "STORAGE_FAILED"
    assert names(folder) == []
    await runner.make(berlin, good.id)
    assert (await state(good)).status is ReportStatus.COMPLETED


async def test_a_storage_without_a_folder_fails_the_report_with_a_code_and_the_next_one_works(
    ask, runner, berlin, state
) -> None:
    broken, good = await ask(berlin), await ask(berlin)
    nowhere = FolderStorage(Path("/proc/reports"))  # not even root can make a folder there
    await replace(runner, storage=nowhere).make(berlin, broken.id)
    assert (await state(broken)).error.code == "STORAGE_FAILED"
    await runner.make(berlin, good.id)
    assert (await state(good)).status is ReportStatus.COMPLETED


async def test_an_unknown_error_is_retried_and_its_text_never_shown(ask, runner, berlin, state, folder) -> None:
    async def wrong() -> None:
        raise KeyError("a secret of the inside")

    report = await ask(berlin)
    broken = replace(runner, storage=SlowStorage(folder, wrong))
    for _ in range(MAX_ATTEMPTS - 1):
        await broken.make(berlin, report.id)
        assert (await state(report)).status is ReportStatus.PENDING
    await broken.make(berlin, report.id)
    failed = await state(report)
    assert (failed.status, failed.error.code) == (ReportStatus.FAILED, "INTERNAL")
    assert "secret" not in failed.error.message
    assert names(folder) == []


async def test_with_the_database_away_nothing_is_claimed(ask, runner, berlin, storage, unused_tcp_port) -> None:
    report = await ask(berlin)
    away = Database(f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/none")
    with pytest.raises(Unavailable):
        await ReportRunner(away, storage, timedelta(days=1)).make(berlin, report.id)
    await away.dispose()


async def test_files_of_earlier_attempts_are_deleted(ask, runner, berlin, state, folder, owner) -> None:
    report = await ask(berlin)
    storage = SlowStorage(folder, asyncio.Event().wait)
    killed = asyncio.create_task(replace(runner, storage=storage, beat_seconds=3600).make(berlin, report.id))
    await storage.reached.wait()
    assert len(names(folder)) == 1  # .part
    await owner.execute("UPDATE report_requests SET lease_until = now() - interval '1 s'")
    await runner.make(berlin, report.id)
    assert names(folder) == [str((await state(report)).file.id)]
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert (await state(report)).status is ReportStatus.COMPLETED
