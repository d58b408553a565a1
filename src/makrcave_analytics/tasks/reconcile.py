"""Sends messages for reports that are due or pending in the database; renders them here where none can be sent."""

import secrets

from makrcave_analytics.db import Database
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.jobs.pending import MAKE_REPORT, pending_reports
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.schedules.due import run_due
from makrcave_analytics.reports.vocabulary import ReportStatus


async def reconcile_reports(runner: ReportRunner, queue: Queue, *, after_seconds: float = 5) -> None:
    """Send a message for each report that none was sent for in `after_seconds`. While Redis is away, render them here.

    Raises: Unavailable while PostgreSQL is away.
    """
    async for makerspace, report_id in pending_reports(runner.database, after_seconds=after_seconds):
        if not await queue.send(MAKE_REPORT, str(makerspace), str(report_id)):
            await runner.make(makerspace, report_id)


async def run_schedules(database: Database, queue: Queue) -> None:
    """Request the reports of due schedules and send their messages; `reconcile_reports` finds what could not be sent.

    Raises: Unavailable while PostgreSQL is away.
    """
    async for report in run_due(database, secrets.token_bytes):
        if report.status is ReportStatus.PENDING:
            await queue.send(MAKE_REPORT, str(report.makerspace), str(report.id))
