"""Claims: one at a time, fenced by the attempt; and pending reports are found."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from makrcave_analytics.reports.jobs.claims import MAX_ATTEMPTS, claim_report, complete, fail, give_back, renew
from makrcave_analytics.reports.jobs.pending import pending_reports
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportStatus

MONTH = timedelta(days=30)


def a_file() -> ReportFile:
    return ReportFile(uuid4(), "usage.csv", "text/csv", 1, 0, "00")


async def run_out(owner) -> None:
    await owner.execute("UPDATE report_requests SET lease_until = now() - interval '1 ms'")


async def found(database, **options) -> list[tuple[object, object]]:
    return [each async for each in pending_reports(database, **options)]


async def test_of_concurrent_claims_one_succeeds(ask, database, make_makerspace) -> None:
    report = await ask(await make_makerspace())
    claims = await asyncio.gather(*(claim_report(database, report.makerspace, report.id) for _ in range(20)))
    (claim,) = filter(None, claims)
    assert (claim.attempt, claim.report.status) == (1, ReportStatus.PROCESSING)
    assert claim.report.started_at is not None


async def test_only_an_expired_lease_can_be_claimed(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    assert await claim_report(database, report.makerspace, report.id)
    assert await claim_report(database, report.makerspace, report.id) is None
    await run_out(owner)
    second = await claim_report(database, report.makerspace, report.id)
    assert second is not None
    assert second.attempt == 2


async def test_a_lost_claim_changes_nothing(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    stale = await claim_report(database, report.makerspace, report.id)
    await run_out(owner)
    fresh = await claim_report(database, report.makerspace, report.id)
    assert stale is not None
    assert fresh is not None
    before = await owner.fetchrow("SELECT * FROM report_requests")
    assert not await renew(database, stale, 0.5, "Reading events")
    assert not await complete(database, stale, a_file(), 1, MONTH)
    assert not await fail(database, stale, "INTERNAL", "no")
    assert not await give_back(database, stale)
    assert await owner.fetchrow("SELECT * FROM report_requests") == before
    assert await owner.fetchval("SELECT count(*) FROM report_files") == 0
    file = a_file()
    assert await complete(database, fresh, file, 1, MONTH)
    assert (await find_report(database, report.makerspace, report.id)).file == file
    assert not await complete(database, fresh, a_file(), 1, MONTH)


async def test_renewing_stores_the_progress(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    claim = await claim_report(database, report.makerspace, report.id)
    assert claim is not None
    await run_out(owner)
    assert await renew(database, claim, 0.25, "Reading events")
    assert await claim_report(database, report.makerspace, report.id) is None
    known = await find_report(database, report.makerspace, report.id)
    assert (known.progress, known.stage) == (0.25, "Reading events")


async def test_the_lease_of_a_cancelled_report_is_not_renewed(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    claim = await claim_report(database, report.makerspace, report.id)
    assert claim is not None
    await owner.execute("UPDATE report_requests SET status = 'CANCELLED'")
    assert not await renew(database, claim, 0.5, None)
    assert not await complete(database, claim, a_file(), 1, MONTH)


async def test_a_report_that_loses_every_worker_fails(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claim = await claim_report(database, report.makerspace, report.id)
        assert claim is not None
        assert claim.attempt == attempt
        await run_out(owner)
    assert await claim_report(database, report.makerspace, report.id) is None
    known = await find_report(database, report.makerspace, report.id)
    assert known.error is not None
    assert (known.status, known.error.code) == (ReportStatus.FAILED, "ATTEMPTS_EXHAUSTED")


async def test_giving_back_makes_it_pending_again(ask, database, make_makerspace) -> None:
    report = await ask(await make_makerspace())
    for _ in range(MAX_ATTEMPTS + 2):
        claim = await claim_report(database, report.makerspace, report.id)
        assert claim is not None
        assert await give_back(database, claim)
    assert (await find_report(database, report.makerspace, report.id)).status is ReportStatus.PENDING


async def test_pending_reports_of_every_makerspace_are_found_once(ask, database, make_makerspace, owner) -> None:
    first, second = await ask(await make_makerspace()), await ask(await make_makerspace())
    assert await found(database) == []  # just requested: its message is on its way
    await owner.execute("UPDATE report_requests SET requested_at = requested_at - interval '6 s'")
    both = await asyncio.gather(found(database), found(database))  # two reconcilers
    assert sorted(map(str, both[0] + both[1])) == sorted(
        map(str, [(first.makerspace, first.id), (second.makerspace, second.id)])
    )
    assert await found(database) == []


@pytest.mark.parametrize(
    ("sent", "asked", "is_due"),
    [
        ("4.9 s", "4.9 s", False),
        ("5.1 s", "5.1 s", True),
        ("5.1 s", "30 s", False),  # sent 25 s after the request: the next pause is as long
        ("26 s", "50 s", True),
        ("29 s", "1 hour", False),
        ("30.1 s", "1 hour", True),
    ],
)
async def test_pauses_double_up_to_half_a_minute(ask, database, make_makerspace, owner, sent, asked, is_due) -> None:
    report = await ask(await make_makerspace())
    is_in_time = False
    while not is_in_time:  # on a busy machine a tenth of a second may pass in between
        since = await owner.fetchval(
            f"UPDATE report_requests SET sent_at = now() - interval '{sent}', "
            f"requested_at = now() - interval '{asked}' RETURNING now()"
        )
        pending = await found(database)
        is_in_time = await owner.fetchval("SELECT clock_timestamp() - $1 < interval '0.1 s'", since)
    assert pending == ([(report.makerspace, report.id)] if is_due else [])


async def test_a_processing_report_is_found_once_its_lease_ran_out(ask, database, make_makerspace, owner) -> None:
    report = await ask(await make_makerspace())
    await claim_report(database, report.makerspace, report.id)
    await owner.execute("UPDATE report_requests SET requested_at = now() - interval '1 minute'")
    assert await found(database) == []
    await run_out(owner)
    assert await found(database) == [(report.makerspace, report.id)]


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED", "EXPIRED"])
async def test_ended_reports_are_neither_found_nor_claimed(ask, database, make_makerspace, owner, status) -> None:
    report = await ask(await make_makerspace())
    await owner.execute(
        "UPDATE report_requests SET status = $1, requested_at = now() - interval '1 hour', lease_until = now()", status
    )
    assert await found(database) == []
    assert await claim_report(database, report.makerspace, report.id) is None
