"""Changes by people: cancelling stops a report, retrying renders it again, deleting removes it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.reports.plugin import FINANCE, MANAGER, content
from tests.reports.slow_storage import SlowStorage, names

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Conflict, Forbidden, NotFound
from makrcave_analytics.reports.jobs.claims import MAX_ATTEMPTS, claim_report, complete, fail
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.reports.requests.changes import cancel_report, delete_report, retry_report
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_report
from makrcave_analytics.reports.requests.validation import hidden_types
from makrcave_analytics.reports.storage.shared_files import delete_files
from makrcave_analytics.reports.vocabulary import ReportStatus, ReportType

ALL = ReportsAsked(None)
MIGHTY = frozenset(Permission)


@pytest.fixture
def state(database):
    async def run(report):
        return await find_report(database, report.makerspace, report.id)

    return run


async def test_a_pending_report_is_cancelled_and_never_rendered(ask, database, runner, berlin, state) -> None:
    report = await ask(berlin)
    cancelled = await cancel_report(database, berlin, report.id, ALL)
    assert cancelled.status is ReportStatus.CANCELLED
    assert cancelled == await cancel_report(database, berlin, report.id, ALL)  # repeating changes nothing
    assert not await runner.make(berlin, report.id)


async def test_cancelling_a_processing_report_stops_the_worker_at_the_next_heartbeat(
    ask, database, runner, berlin, state, folder
) -> None:
    report = await ask(berlin)
    storage = SlowStorage(folder, asyncio.Event().wait)
    # The lease is renewed after an hour only, so the heartbeat must notice.
    slow = replace(runner, storage=storage, beat_seconds=0.01, renew_seconds=3600, lease_seconds=7200)
    job = asyncio.create_task(slow.make(berlin, report.id))
    await storage.reached.wait()
    await cancel_report(database, berlin, report.id, ALL)
    assert await asyncio.wait_for(job, 30)
    assert ((await state(report)).status, names(folder)) == (ReportStatus.CANCELLED, [])


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "EXPIRED"])
async def test_an_ended_report_cannot_be_cancelled(ask, database, make_makerspace, owner, status) -> None:
    report = await ask(await make_makerspace())
    await owner.execute("UPDATE report_requests SET status = $1", status)
    with pytest.raises(Conflict, match=status):
        await cancel_report(database, report.makerspace, report.id, ALL)


@pytest.mark.parametrize("change", [cancel_report, delete_report])
async def test_reports_of_others_are_not_found(ask, database, make_makerspace, owner, change) -> None:
    report = await ask(await make_makerspace())
    elsewhere = await make_makerspace()
    for makerspace, asked in ((report.makerspace, ReportsAsked("finn")), (elsewhere, ALL)):
        with pytest.raises(NotFound, match=r"No such report\."):
            await change(database, makerspace, report.id, asked)
        with pytest.raises(NotFound):
            await retry_report(database, makerspace, report.id, asked, MIGHTY)
    assert await owner.fetchval("SELECT status FROM report_requests") == "PENDING"


async def test_types_without_their_permission_are_hidden(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    await owner.execute("UPDATE report_requests SET type = 'REVENUE'")
    hidden = hidden_types({Permission.REPORT})
    assert hidden == {ReportType.REVENUE, ReportType.MEMBER_DATA}
    assert hidden_types(MIGHTY) == frozenset()
    with pytest.raises(NotFound):
        await find_report(database, report.makerspace, report.id, ReportsAsked("mira", hidden=hidden))


async def test_a_retry_uses_present_data_and_the_old_file_is_deleted(
    ask, database, runner, storage, berlin, state, folder, owner
) -> None:
    report = await ask(berlin)
    await runner.make(berlin, report.id)
    first = await state(report)
    await owner.execute("UPDATE makerspaces SET data_version = 9")
    changed = await retry_report(database, berlin, report.id, ALL, MIGHTY)
    await delete_files(storage, berlin, changed.files)
    assert (changed.report.status, changed.report.file, changed.report.progress) == (ReportStatus.PENDING, None, 0)
    assert names(folder) == []
    await runner.make(berlin, report.id)
    second = await state(report)
    assert (second.status, second.attempts, second.data_version) == (ReportStatus.COMPLETED, 2, 9)
    assert names(folder) == [str(second.file.id)] != [str(first.file.id)]


async def test_a_retry_allows_all_attempts_again_and_repeats_no_attempt_number(
    ask, database, berlin, state, owner
) -> None:
    report = await ask(berlin)
    seen = []
    for _ in range(2):
        for _ in range(MAX_ATTEMPTS):
            claim = await claim_report(database, berlin, report.id)
            seen.append((claim.attempt, claim.first_attempt))
            await owner.execute("UPDATE report_requests SET lease_until = now() - interval '1 ms'")
        assert await claim_report(database, berlin, report.id) is None
        assert (await state(report)).error.code == "ATTEMPTS_EXHAUSTED"
        await retry_report(database, berlin, report.id, ALL, MIGHTY)
    assert seen == [*((n, 1) for n in range(1, 6)), *((n, 6) for n in range(6, 11))]
    assert (await state(report)).error is None


async def test_a_worker_of_before_the_retry_changes_nothing(ask, database, runner, berlin, state) -> None:
    report = await ask(berlin)
    stale = await claim_report(database, berlin, report.id)
    await cancel_report(database, berlin, report.id, ALL)
    await retry_report(database, berlin, report.id, ALL, MIGHTY)
    assert not await fail(database, stale, "INTERNAL", "no")
    assert await claim_report(database, berlin, report.id)
    assert not await fail(database, stale, "INTERNAL", "no")
    assert (await state(report)).status is ReportStatus.PROCESSING


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_a_report_under_way_cannot_be_retried(ask, database, make_makerspace, owner, status) -> None:
    report = await ask(await make_makerspace())
    await owner.execute("UPDATE report_requests SET status = $1", status)
    with pytest.raises(Conflict, match=status):
        await retry_report(database, report.makerspace, report.id, ALL, MIGHTY)


async def test_a_retry_shows_no_more_than_before_and_than_is_held_now(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace(), FINANCE)
    await cancel_report(database, report.makerspace, report.id, ALL)
    again = await retry_report(database, report.makerspace, report.id, ALL, MIGHTY)
    assert again.report.permissions == FINANCE.permissions
    await cancel_report(database, report.makerspace, report.id, ALL)
    less = frozenset({Permission.READ, Permission.REPORT})
    again = await retry_report(database, report.makerspace, report.id, ALL, less)
    assert again.report.permissions == less
    await owner.execute("UPDATE report_requests SET type = 'REVENUE', status = 'FAILED'")
    with pytest.raises(Forbidden, match="READ_MONEY"):
        await retry_report(database, report.makerspace, report.id, ALL, MIGHTY)


async def test_deleting_removes_row_and_file(ask, database, runner, storage, berlin, folder, owner) -> None:
    report = await ask(berlin)
    await runner.make(berlin, report.id)
    changed = await delete_report(database, berlin, report.id, ALL)
    await delete_files(storage, berlin, changed.files)
    assert (changed.report.status, names(folder)) == (ReportStatus.COMPLETED, [])
    assert await owner.fetchval("SELECT count(*) FROM report_requests") == 0
    with pytest.raises(NotFound):
        await delete_report(database, berlin, report.id, ALL)


async def test_deleting_a_processing_report_leaves_nothing(ask, database, runner, berlin, folder, owner) -> None:
    report = await ask(berlin)
    storage = SlowStorage(folder, asyncio.Event().wait)
    job = asyncio.create_task(replace(runner, storage=storage, beat_seconds=0.01).make(berlin, report.id))
    await storage.reached.wait()
    await delete_report(database, berlin, report.id, ALL)
    await asyncio.wait_for(job, 30)
    assert (names(folder), await owner.fetchval("SELECT count(*) FROM report_files")) == ([], 0)


async def test_a_shared_file_stays_until_the_last_report_is_deleted(
    ask, database, runner, storage, berlin, state, folder
) -> None:
    first = await ask(berlin)
    await runner.make(berlin, first.id)
    others = [await ask(berlin) for _ in range(2)]
    assert {other.status for other in others} == {ReportStatus.COMPLETED}
    (file_id,) = {other.file.id for other in others}
    written = content(folder, await state(first))
    assert (await delete_report(database, berlin, first.id, ALL)).files == []
    assert (await retry_report(database, berlin, others[0].id, ALL, MANAGER.permissions)).files == []
    await runner.make(berlin, others[0].id)
    assert content(folder, await state(others[1])) == written
    last = await delete_report(database, berlin, others[1].id, ALL)
    assert last.files == [file_id]


async def test_concurrent_completing_and_deleting_leave_row_and_file_or_neither(ask, database, berlin, owner) -> None:
    for at in range(10):
        report = await ask(berlin, idempotency_key=str(at))
        claim = await claim_report(database, berlin, report.id)
        file = ReportFile(report.id, "usage.csv", "text/csv", 1, 0, "00")
        await asyncio.gather(
            complete(database, claim, file, 1, timedelta(days=30)), delete_report(database, berlin, report.id, ALL)
        )
        assert await owner.fetchval("SELECT count(*) FROM report_files WHERE deleted_at IS NULL") == 0
