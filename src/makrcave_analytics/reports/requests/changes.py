"""Changes of reports by people: cancel, retry, delete. Each is one transaction on the row.

A worker that is rendering the report loses its lease and stops at the next heartbeat.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Conflict
from makrcave_analytics.models import deliveries, report_requests
from makrcave_analytics.reports.ids import no_such_report
from makrcave_analytics.reports.jobs.claims import MAX_ATTEMPTS
from makrcave_analytics.reports.report import Report, report_from, select_reports
from makrcave_analytics.reports.requests.queries import ReportsAsked
from makrcave_analytics.reports.requests.validation import require
from makrcave_analytics.reports.storage.shared_files import release_files
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

_RUNNING = (ReportStatus.PENDING, ReportStatus.PROCESSING)
_request = report_requests.c


@dataclass(frozen=True)
class Changed:
    """A report after a change, and the files that no report names any more, to be deleted."""

    report: Report
    files: list[UUID]


async def cancel_report(database: Database, makerspace: MakerspaceId, report_id: UUID, asked: ReportsAsked) -> Report:
    """Cancel a report that is pending or processing. A cancelled one is returned as it is.

    Raises:
        NotFound: as `find_report` does.
        Conflict: it has ended in another way.
    """
    async with database.write(makerspace) as connection:
        report = await _lock_report(connection, makerspace, report_id, asked)
        if report.status is ReportStatus.CANCELLED:
            return report
        if report.status not in _RUNNING:
            raise Conflict(f"A report that is {report.status} cannot be cancelled.", path=("id",))
        values = {"status": ReportStatus.CANCELLED, "stage": None, "lease_until": None, "completed_at": func.now()}
        await _update_row(connection, report, values)
        log.info("report cancelled", report_id=str(report_id))
        return await _read_report(connection, makerspace, report_id)


async def retry_report(
    database: Database, makerspace: MakerspaceId, report_id: UUID, asked: ReportsAsked, held: frozenset[Permission]
) -> Changed:
    """Make an ended report pending again. It is rendered from present data, over the same days.

    It shows no more than before, and no more than `held` allows: the permissions of the person who retries it.

    Raises:
        NotFound: as `find_report` does.
        Forbidden: its type needs a permission that is not held any more.
        Conflict: it has not ended.
    """
    async with database.write(makerspace) as connection:
        report = await _lock_report(connection, makerspace, report_id, asked)
        if report.status in _RUNNING:
            raise Conflict(f"A report that is {report.status} is made already.", path=("id",))
        permissions = report.permissions & held
        require(report.type, permissions)
        await _update_row(connection, report, _reset(report) | {"permissions": sorted(permissions)})
        await connection.execute(_delete_notifications(report).where(deliveries.c.next_attempt_at.is_not(None)))
        files = await release_files(connection, makerspace, [report.file_id]) if report.file_id else []
        log.info("report retried", report_id=str(report_id))
        return Changed(await _read_report(connection, makerspace, report_id), files)


async def delete_report(database: Database, makerspace: MakerspaceId, report_id: UUID, asked: ReportsAsked) -> Changed:
    """Delete a report in any status, with its notifications. A file that other reports share stays.

    Raises: NotFound: as `find_report` does.
    """
    async with database.write(makerspace) as connection:
        report = await _lock_report(connection, makerspace, report_id, asked)
        await connection.execute(_delete_notifications(report))
        await connection.execute(
            delete(report_requests).where(_request.makerspace_id == makerspace.value, _request.id == report_id)
        )
        files = await release_files(connection, makerspace, [report.file_id]) if report.file_id else []
    log.info("report deleted", report_id=str(report_id))
    return Changed(report, files)


def _reset(report: Report) -> dict[str, Any]:
    empty = ("stage", "lease_until", "started_at", "completed_at", "expires_at", "error_code", "error_message")
    return dict.fromkeys((*empty, "file_id", "data_version", "sent_at")) | {
        "status": ReportStatus.PENDING,
        "progress": 0.0,
        # The fencing token continues, so that no earlier attempt can pass for a present one.
        "attempts_allowed": report.attempts + MAX_ATTEMPTS,
    }


def _delete_notifications(report: Report) -> Any:
    return delete(deliveries).where(
        deliveries.c.makerspace_id == report.makerspace.value, deliveries.c.report_id == report.id
    )


async def _update_row(connection: AsyncConnection, report: Report, values: dict[str, Any]) -> None:
    row = and_(_request.makerspace_id == report.makerspace.value, _request.id == report.id)
    await connection.execute(update(report_requests).where(row).values(values))


async def _lock_report(
    connection: AsyncConnection, makerspace: MakerspaceId, report_id: UUID, asked: ReportsAsked
) -> Report:
    """Lock a report's row, then read it. It stays unchanged until the transaction ends."""
    conditions = (*asked.conditions(makerspace), _request.id == report_id)
    await connection.execute(select(_request.id).where(*conditions).with_for_update())
    found = (await connection.execute(select_reports().where(*conditions))).mappings().one_or_none()
    if found is None:
        raise no_such_report()
    return report_from(found, makerspace)


async def _read_report(connection: AsyncConnection, makerspace: MakerspaceId, report_id: UUID) -> Report:
    found = await connection.execute(
        select_reports().where(_request.makerspace_id == makerspace.value, _request.id == report_id)
    )
    return report_from(found.mappings().one(), makerspace)
