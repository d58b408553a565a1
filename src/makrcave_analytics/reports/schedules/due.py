"""Runs schedules that are due. Each run requests one report, however many workers look for it.

A run is claimed by moving next_run_at forward, in the transaction that adds the request. Runs that were missed while
no worker ran are made up for by one report: the next run is after now, by the database's clock.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Unavailable
from makrcave_analytics.models import makerspaces, report_schedules
from makrcave_analytics.reports.recipients import enqueue
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.context import RequestContext
from makrcave_analytics.reports.requests.create import add_report
from makrcave_analytics.reports.schedules.cron import next_run
from makrcave_analytics.reports.schedules.schedule import Schedule, schedule_from
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

_schedule = report_schedules.c
_DUE = and_(_schedule.is_active, _schedule.next_run_at <= func.now())


async def run_due(database: Database, random: Callable[[int], bytes]) -> AsyncIterator[Report]:
    """Request the report of every schedule that is due, each in its own transaction, and yield the reports.

    Raises: Unavailable while PostgreSQL is away.
    """
    viewer = Viewer.system("schedules")
    async with database.across() as connection:
        found = await connection.execute(select(_schedule.makerspace_id, _schedule.id).where(_DUE))
        due: Sequence[tuple[UUID, UUID]] = [(row.makerspace_id, row.id) for row in found]
    for value, schedule_id in due:
        try:
            report = await _run(database, viewer.makerspace(value), schedule_id, random)
        except Unavailable:
            raise
        except Exception:
            log.exception("schedule not run", schedule_id=str(schedule_id))
            continue
        if report is not None:
            yield report


async def _run(
    database: Database, makerspace: MakerspaceId, schedule_id: UUID, random: Callable[[int], bytes]
) -> Report | None:
    try:
        return await _request(database, makerspace, schedule_id, random)
    except Unavailable:
        raise
    except AnalyticsError as error:
        return await _request(database, makerspace, schedule_id, random, error)


async def _request(
    database: Database,
    makerspace: MakerspaceId,
    schedule_id: UUID,
    random: Callable[[int], bytes],
    error: AnalyticsError | None = None,
) -> Report | None:
    """Claim a run and request its report; None where another worker did.

    `error`: why it cannot be requested. Then a failed report says so to its recipients.
    """
    async with database.write(makerspace) as connection:
        claimed = await _claim(connection, makerspace, schedule_id)
        if claimed is None:
            return None
        schedule, now = claimed
        context = RequestContext(database, makerspace, schedule.requester, now, random)
        report = await _add(connection, schedule, context, error)
        last = update(report_schedules).where(_schedule.makerspace_id == makerspace.value, _schedule.id == schedule_id)
        await connection.execute(last.values(last_report_id=report.id))
    log.info("schedule run", schedule_id=str(schedule_id), report_id=str(report.id), status=report.status)
    return report


async def _claim(
    connection: AsyncConnection, makerspace: MakerspaceId, schedule_id: UUID
) -> tuple[Schedule, datetime] | None:
    ours = and_(_schedule.makerspace_id == makerspace.value, _schedule.id == schedule_id)
    chosen = select(*_schedule, makerspaces.c.time_zone, func.now().label("now")).join_from(
        report_schedules, makerspaces, makerspaces.c.id == _schedule.makerspace_id
    )
    row = (await connection.execute(chosen.where(ours, _DUE))).mappings().one_or_none()
    if row is None:
        return None
    following = next_run(row["cron"], ZoneInfo(row["time_zone"]), row["now"])
    moved = update(report_schedules).where(ours, _schedule.next_run_at == row["next_run_at"], _schedule.is_active)
    if (await connection.execute(moved.values(next_run_at=following))).rowcount == 0:
        return None
    return schedule_from(row, makerspace), row["now"]


async def _add(
    connection: AsyncConnection, schedule: Schedule, context: RequestContext, error: AnalyticsError | None
) -> Report:
    spec = schedule.spec
    columns: dict[str, Any] = {"schedule_id": schedule.id, "webhook_seed": schedule.webhook_seed}
    if error is not None:
        spec = replace(spec, table=None)
        columns |= {
            "status": ReportStatus.FAILED,
            "error_code": error.code,
            "error_message": error.message,
            "completed_at": context.now,
        }
    report = await add_report(connection, context, spec, **columns)
    if report is None:
        raise RuntimeError("a report without an idempotency key cannot be known")
    if error is not None:
        await enqueue(connection, schedule.makerspace, report.id, schedule.spec.notify)
    return report
