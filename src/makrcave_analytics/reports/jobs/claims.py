"""Claims of reports, as statements on their rows: claim, renew, complete, fail, give back.

A claim holds while its lease is renewed. Its attempt number is the fencing token: every statement names it, so a
worker that lost the claim changes nothing. All times are the database's, so workers' clocks may differ.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models import report_files, report_requests
from makrcave_analytics.reports.content.sharing import sharing_key
from makrcave_analytics.reports.recipients import Notify, enqueue
from makrcave_analytics.reports.report import REQUEST_COLUMNS, Report, ReportFile, report_from
from makrcave_analytics.reports.storage.base import storage_path
from makrcave_analytics.reports.vocabulary import ReportStatus

MAX_ATTEMPTS = 5
"""The most attempts each time that a report is requested or retried. Three may well be lost to killed workers."""

GAVE_UP = "The report could not be made: every worker that tried it was lost. Please ask for a smaller period."

_request = report_requests.c
_RETURNED = (*REQUEST_COLUMNS, _request.status)
_RAN_OUT = and_(_request.status == ReportStatus.PROCESSING, _request.lease_until < func.now())


@dataclass(frozen=True)
class ReportClaim:
    """The right of one worker to render a report, until the lease runs out and another worker claims it."""

    report: Report
    lease_seconds: float

    @property
    def attempt(self) -> int:
        """The fencing token."""
        return self.report.attempts

    @property
    def first_attempt(self) -> int:
        """The first attempt since the report was requested or retried. Files of earlier attempts may be shared."""
        return self.report.attempts_allowed - MAX_ATTEMPTS + 1

    @property
    def is_last(self) -> bool:
        """Whether an error now fails the report."""
        return self.attempt >= self.report.attempts_allowed


async def claim_report(
    database: Database, makerspace: MakerspaceId, report_id: UUID, *, lease_seconds: float = 30
) -> ReportClaim | None:
    """Claim a report that is pending, or whose lease ran out; None where it is neither.

    A report whose lease ran out in its last allowed attempt fails.
    """
    ran_out = and_(_RAN_OUT, _request.attempts < _request.attempts_allowed)
    taken = (
        _update(makerspace, report_id)
        .where(or_(_request.status == ReportStatus.PENDING, ran_out))
        .values(
            status=ReportStatus.PROCESSING,
            attempts=_request.attempts + 1,
            lease_until=_after(lease_seconds),
            started_at=func.coalesce(_request.started_at, func.now()),
            progress=0.0,
            stage=None,
        )
        .returning(*_RETURNED)
    )
    given_up = (
        _update(makerspace, report_id)
        .where(_RAN_OUT)
        .values(_ended(ReportStatus.FAILED, "ATTEMPTS_EXHAUSTED", GAVE_UP))
        .returning(_request.notify)
    )
    async with database.write(makerspace) as connection:
        row = (await connection.execute(taken)).mappings().one_or_none()
        if row is None:
            for (notify,) in await connection.execute(given_up):
                await enqueue(connection, makerspace, report_id, Notify.from_json(notify))
            return None
    return ReportClaim(report_from(row, makerspace), lease_seconds)


async def renew(database: Database, claim: ReportClaim, fraction: float, stage: str | None) -> bool:
    """Renew the lease and store the progress; False where the claim is lost, or the report was cancelled."""
    async with database.write(claim.report.makerspace) as connection:
        renewed = _held(claim).values(lease_until=_after(claim.lease_seconds), progress=fraction, stage=stage)
        return await _changed(connection, renewed)


async def is_held(database: Database, claim: ReportClaim) -> bool:
    """Say whether a claim still holds; False where it is lost, or the report was cancelled or deleted."""
    async with database.write(claim.report.makerspace) as connection:
        held = select(_request.id).where(*_holds(claim))
        return (await connection.execute(held)).first() is not None


async def complete(
    database: Database, claim: ReportClaim, file: ReportFile, data_version: int, keep_for: timedelta
) -> bool:
    """Commit the file and the completed report; False, with nothing committed, where the claim is lost."""
    makerspace = claim.report.makerspace
    columns = {
        "makerspace_id": makerspace.value,
        "id": file.id,
        "name": file.name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "rows": file.rows,
        "sha256": file.sha256,
        "path": storage_path(makerspace, file.id),
        "data_version": data_version,
    }
    end = _ended(ReportStatus.COMPLETED) | {
        "progress": 1.0,
        "file_id": file.id,
        "data_version": data_version,
        "expires_at": func.now() + keep_for,
    }
    async with database.write(makerspace) as connection:
        if not await _changed(connection, _held(claim).values(end)):
            return False
        key = await sharing_key(connection, claim.report, data_version)
        await connection.execute(insert(report_files).values(columns | {"sharing_key": key}))
        await enqueue(connection, makerspace, claim.report.id, claim.report.spec.notify)
    return True


async def fail(database: Database, claim: ReportClaim, code: str, message: str) -> bool:
    """Mark a report as failed; False where the claim is lost."""
    report = claim.report
    async with database.write(report.makerspace) as connection:
        if not await _changed(connection, _held(claim).values(_ended(ReportStatus.FAILED, code, message))):
            return False
        await enqueue(connection, report.makerspace, report.id, report.spec.notify)
    return True


async def give_back(database: Database, claim: ReportClaim) -> bool:
    """Make the report pending again, for any worker; False where the claim is lost."""
    values = {"status": ReportStatus.PENDING, "lease_until": None, "progress": 0.0, "stage": None}
    async with database.write(claim.report.makerspace) as connection:
        return await _changed(connection, _held(claim).values(values | {"sent_at": func.now()}))


def _update(makerspace: MakerspaceId, report_id: UUID) -> Update:
    return update(report_requests).where(_request.makerspace_id == makerspace.value, _request.id == report_id)


def _held(claim: ReportClaim) -> Update:
    return update(report_requests).where(*_holds(claim))


def _holds(claim: ReportClaim) -> tuple[ColumnElement[bool], ...]:
    return (
        _request.makerspace_id == claim.report.makerspace.value,
        _request.id == claim.report.id,
        _request.status == ReportStatus.PROCESSING,
        _request.attempts == claim.attempt,
    )


def _after(seconds: float) -> ColumnElement[Any]:
    return func.now() + timedelta(seconds=seconds)


def _ended(status: ReportStatus, code: str | None = None, message: str | None = None) -> dict[str, Any]:
    return {
        "status": status,
        "stage": None,
        "lease_until": None,
        "completed_at": func.now(),
        "error_code": code,
        "error_message": message,
    }


async def _changed(connection: AsyncConnection, statement: Update) -> bool:
    return (await connection.execute(statement)).rowcount == 1
