"""Schedules: each run becomes one report, with any number of workers and missed runs; changes need permission."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.reports.plugin import FINANCE, MANAGER, NOW

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Forbidden, Invalid, LimitExceeded, NotFound
from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.period import PeriodPreset
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.inputs import NotifyInput, ReportFilters, ReportScheduleInput
from makrcave_analytics.reports.recipients import DeliveryChannels
from makrcave_analytics.reports.requests.context import RequestContext
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.schedules import schedule as schedule_module
from makrcave_analytics.reports.schedules.due import run_due
from makrcave_analytics.reports.schedules.schedule import (
    SchedulesAsked,
    add_schedule,
    change_schedule,
    delete_schedule,
    find_schedules,
)
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType
from makrcave_analytics.tasks.reconcile import run_schedules

ALL = SchedulesAsked(None)
MEANS = DeliveryChannels(mail=True)
MONDAYS = {
    "type": ReportType.USAGE,
    "format": ReportFormat.CSV,
    "preset": PeriodPreset.PREVIOUS_WEEK,
    "cron": "0 8 * * MON",
}


@pytest.fixture
def schedule(database):
    async def run(makerspace, requester=MANAGER, **changes: Any):
        asked = ReportScheduleInput(**MONDAYS | changes)
        return await add_schedule(RequestContext(database, makerspace, requester, NOW, channels=MEANS), asked)

    return run


@pytest.fixture
def change(database):
    async def run(makerspace, schedule_id, editor=MANAGER, which=ALL, **changes: Any):
        context = RequestContext(database, makerspace, editor, NOW, channels=MEANS)
        return await change_schedule(context, schedule_id, ReportScheduleInput(**MONDAYS | changes), which)

    return run


async def all_due(database):
    return [report async for report in run_due(database, os.urandom)]


DUE = "UPDATE report_schedules SET next_run_at = now() - interval '1 minute'"


async def test_a_schedule_is_kept_and_found(schedule, database, make_makerspace) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    made = await schedule(makerspace, filters=ReportFilters(event_types=["login"]), notify=NotifyInput(["a@b.example"]))
    # 1 April 2026 is a Wednesday; the Monday after, 8:00 in Kathmandu is 02:15 UTC.
    assert made.next_run_at == datetime(2026, 4, 6, 2, 15, tzinfo=UTC)
    assert (made.is_active, made.last_report_id, made.created_by) == (True, None, "mira")
    assert (made.spec.filters, made.spec.notify.emails) == ({"eventTypes": ["login"]}, ("a@b.example",))
    assert await find_schedules(database, makerspace, ALL) == [made]
    assert await find_schedules(database, makerspace, SchedulesAsked("finn")) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cron": "every monday"}, "input.cron"),
        ({"type": ReportType.MEMBER_DATA}, "input.userId"),
        ({"type": ReportType.CUSTOM}, "input.table"),
        ({"type": ReportType.CUSTOM, "table": TableInput(metrics=["noSuchMetric"])}, "input.table.metrics"),
        ({"currency": "eur"}, "input.currency"),
        ({"filters": ReportFilters(revenue_sources=["x"])}, "input.filters.revenueSources"),
        ({"notify": NotifyInput(webhook_url="https://localhost/")}, "input.notify.webhookUrl"),
    ],
)
async def test_an_invalid_schedule_is_refused_with_its_field(schedule, make_makerspace, owner, changes, field) -> None:
    with pytest.raises(Invalid) as refused:
        await schedule(await make_makerspace(), **changes)
    assert refused.value.extensions["field"] == field
    assert await owner.fetchval("SELECT count(*) FROM report_schedules") == 0


async def test_permissions_are_needed(schedule, make_makerspace) -> None:
    with pytest.raises(Forbidden):
        await schedule(await make_makerspace(), replace(FINANCE, permissions=frozenset({Permission.READ})))
    reader = replace(FINANCE, permissions=frozenset({Permission.REPORT}))
    with pytest.raises(Forbidden, match="READ_MONEY"):
        await schedule(await make_makerspace(), reader, type=ReportType.REVENUE)


async def test_the_number_of_schedules_is_limited(schedule, make_makerspace, monkeypatch) -> None:
    monkeypatch.setattr(schedule_module, "MAX_SCHEDULES", 2)
    makerspace = await make_makerspace()
    await schedule(makerspace)
    await schedule(makerspace)
    with pytest.raises(LimitExceeded):
        await schedule(makerspace)
    await schedule(await make_makerspace())


async def test_a_due_schedule_becomes_a_report_with_its_owners_permissions(
    schedule, database, berlin, owner, runner
) -> None:
    made = await schedule(berlin, FINANCE, notify=NotifyInput(["a@b.example"]))
    await owner.execute("UPDATE report_schedules SET next_run_at = now() + interval '1 minute'")
    assert await all_due(database) == []
    await owner.execute(DUE)
    (report,) = await all_due(database)
    assert (report.type, report.spec.preset, report.schedule_id) == (
        ReportType.USAGE,
        PeriodPreset.PREVIOUS_WEEK,
        made.id,
    )
    assert (report.requested_by, report.permissions) == ("finn", FINANCE.permissions)
    assert report.spec.notify.emails == ("a@b.example",)
    (known,) = await find_schedules(database, berlin, ALL)
    assert known.last_report_id == report.id
    assert known.next_run_at > datetime.now(UTC)
    await runner.make(berlin, report.id)
    assert (await find_report(database, berlin, report.id)).status is ReportStatus.COMPLETED
    assert await owner.fetchval("SELECT count(*) FROM deliveries") == 1


async def test_concurrent_workers_run_a_schedule_once(schedule, database, make_makerspace, owner) -> None:
    for _ in range(2):
        makerspace = await make_makerspace()
        for _ in range(3):
            await schedule(makerspace)
    await owner.execute(DUE)
    found = await asyncio.gather(*(all_due(database) for _ in range(4)))
    assert sum(map(len, found)) == 6
    assert await owner.fetchval("SELECT count(DISTINCT schedule_id) FROM report_requests") == 6
    assert await owner.fetchval("SELECT count(*) FROM report_requests") == 6


async def test_missed_runs_are_made_up_for_by_one_report(schedule, database, berlin, owner) -> None:
    await schedule(berlin, cron="0 * * * *")
    await owner.execute("UPDATE report_schedules SET next_run_at = now() - interval '40 days'")
    assert len(await all_due(database)) == 1
    assert await all_due(database) == []
    left = await owner.fetchval("SELECT next_run_at - now() FROM report_schedules")
    assert 0 < left.total_seconds() <= 3600


async def test_an_inactive_schedule_does_not_run_and_continues_with_the_next_time(
    schedule, change, database, berlin, owner
) -> None:
    made = await schedule(berlin, is_active=False)
    assert made.next_run_at is None
    assert await all_due(database) == []
    woken, _ = await change(berlin, made.id)
    assert woken.next_run_at == datetime(2026, 4, 6, 6, tzinfo=UTC)


async def test_an_impossible_schedule_makes_a_failed_report_and_others_still_run(
    schedule, database, berlin, owner
) -> None:
    asked = {"type": ReportType.CUSTOM, "table": TableInput(metrics=["events"])}
    bad = await schedule(berlin, notify=NotifyInput(["a@b.example"]), **asked)
    good = await schedule(berlin)
    await owner.execute(
        """UPDATE report_schedules SET explore = explore || '{"metrics": ["noSuchMetric"]}' WHERE id = $1""",
        bad.id,
    )
    await owner.execute(DUE)
    reports = {report.schedule_id: report for report in await all_due(database)}
    assert (reports[bad.id].status, reports[bad.id].error.code) == (ReportStatus.FAILED, "INVALID")
    assert reports[good.id].status is ReportStatus.PENDING
    assert (
        await owner.fetchval("SELECT target FROM deliveries WHERE report_id = $1", reports[bad.id].id) == "a@b.example"
    )
    assert await all_due(database) == []


async def test_a_schedule_that_is_broken_in_the_database_does_not_stop_others(
    schedule, database, berlin, owner
) -> None:
    bad, good = await schedule(berlin), await schedule(berlin)
    await owner.execute("UPDATE report_schedules SET cron = 'broken' WHERE id = $1", bad.id)
    await owner.execute(DUE)
    assert [report.schedule_id for report in await all_due(database)] == [good.id]


async def test_the_periodic_task_leaves_a_pending_report(schedule, database, berlin, owner, redis_url) -> None:
    await schedule(berlin)
    await owner.execute(DUE)
    queue = Queue(redis_url)
    await run_schedules(database, queue)
    queue.close()
    assert await owner.fetchval("SELECT status FROM report_requests") == "PENDING"


async def test_changing_keeps_the_secret_unless_the_webhook_is_another(schedule, change, berlin) -> None:
    hook = NotifyInput(webhook_url="https://hooks.example/")
    made = await schedule(berlin, notify=hook)
    same, is_new = await change(berlin, made.id, notify=hook, cron="0 9 * * TUE")
    assert (same.webhook_seed == made.webhook_seed, is_new, same.cron) == (True, False, "0 9 * * TUE")
    assert same.next_run_at == datetime(2026, 4, 7, 7, tzinfo=UTC)
    other, is_new = await change(berlin, made.id, notify=NotifyInput(webhook_url="https://hooks.example/other"))
    assert (other.webhook_seed != made.webhook_seed, is_new) == (True, True)
    gone, _ = await change(berlin, made.id, notify=None)
    assert gone.webhook_seed is None


async def test_a_change_by_another_person_adds_no_permissions(schedule, change, berlin) -> None:
    made = await schedule(berlin, FINANCE)
    by_manager, _ = await change(berlin, made.id)
    assert (by_manager.spec.permissions, by_manager.created_by) == (FINANCE.permissions, "finn")
    less = replace(FINANCE, permissions=frozenset({Permission.READ, Permission.REPORT}))
    by_owner, _ = await change(berlin, made.id, less, SchedulesAsked("finn"))
    assert by_owner.spec.permissions == less.permissions
    with pytest.raises(Forbidden, match="READ_MONEY"):
        await change(berlin, made.id, type=ReportType.REVENUE)


async def test_a_deleted_schedule_does_not_run_and_its_reports_stay(schedule, database, berlin, owner) -> None:
    made = await schedule(berlin)
    await owner.execute(DUE)
    (report,) = await all_due(database)
    assert (await delete_schedule(database, berlin, made.id, ALL)).id == made.id
    assert await find_report(database, berlin, report.id) == report
    with pytest.raises(NotFound, match=r"No such schedule\."):
        await delete_schedule(database, berlin, made.id, ALL)


async def test_schedules_of_others_are_not_found(schedule, change, database, berlin, make_makerspace, owner) -> None:
    made = await schedule(berlin)
    elsewhere = await make_makerspace()
    for makerspace, asked in ((berlin, SchedulesAsked("finn")), (elsewhere, ALL)):
        with pytest.raises(NotFound):
            await delete_schedule(database, makerspace, made.id, asked)
        with pytest.raises(NotFound):
            await change(makerspace, made.id, which=asked)
    assert await owner.fetchval("SELECT count(*) FROM report_schedules") == 1
