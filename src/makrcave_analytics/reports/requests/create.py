"""Requests as rows: a report is committed before any worker is notified of it, once for each idempotency key."""

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import Insert, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import IdempotencyConflict
from makrcave_analytics.metrics.explore.inputs import check_table, table_from_json
from makrcave_analytics.metrics.sources.sql.first_day import first_day_of
from makrcave_analytics.models import report_requests
from makrcave_analytics.models.makerspace import Makerspace, read_makerspace
from makrcave_analytics.period import DateRange, Period, PeriodPreset, resolve
from makrcave_analytics.reports.content.sharing import sharing_key
from makrcave_analytics.reports.inputs import ReportRequestInput
from makrcave_analytics.reports.recipients import enqueue
from makrcave_analytics.reports.report import Report, report_from, select_reports
from makrcave_analytics.reports.requests.context import RequestContext
from makrcave_analytics.reports.requests.validation import check, check_idempotency_key
from makrcave_analytics.reports.spec import ReportSpec
from makrcave_analytics.reports.storage.shared_files import completed_with, find_shared
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)


async def request_report(context: RequestContext, asked: ReportRequestInput) -> Report:
    """Commit a request and return its report; a known idempotency key returns the report of the first request.

    Where a file of the same content exists, the report is completed with it.

    Raises:
        Invalid, Forbidden: what was asked cannot be made, or not for this person.
        IdempotencyConflict: the key was used for another question, or by another person.
        NotFound: there is no such makerspace.
        Unavailable: PostgreSQL is away; where it went away during COMMIT, ask again with the same key.
    """
    spec = check(asked, context.requester.permissions, context.channels)
    key = check_idempotency_key(asked.idempotency_key)
    columns: dict[str, Any] = {"webhook_seed": context.fresh_seed(spec.notify)}
    if key is not None:
        columns |= {"idempotency_key": key, "idempotency_digest": _digest(spec, context.requester.user_id)}
    async with context.database.write(context.makerspace) as connection:
        added = await add_report(connection, context, spec, **columns)
        if added is not None:
            return added
        return await _known(connection, context.makerspace, columns)


async def add_report(
    connection: AsyncConnection, context: RequestContext, spec: ReportSpec, **columns: Any
) -> Report | None:
    """Add a request within a transaction; None where its idempotency key is known. `columns` are further values."""
    makerspace = await read_makerspace(connection, context.makerspace)
    first_day = await _first_day(connection, makerspace) if spec.period is PeriodPreset.ALL_TIME else None
    period = resolve(spec.period, makerspace.calendar, context.now, first_day)
    if spec.table is not None:
        check_table(table_from_json(spec.table), period, "input", "table")
    added = (await connection.execute(_insert(_values(context, spec, period) | columns))).mappings().one_or_none()
    if added is None:
        return None
    report = report_from(added, context.makerspace)
    if report.status is ReportStatus.PENDING:
        report = await _shared(connection, report, makerspace.data_version)
    log.info("report requested", report_id=str(report.id), type=report.type, format=report.format, status=report.status)
    return report


async def _shared(connection: AsyncConnection, report: Report, data_version: int) -> Report:
    """Complete a report with a file of the same content, where there is one."""
    key = await sharing_key(connection, report, data_version)
    found = await find_shared(connection, report.makerspace, key) if key else None
    if found is None:
        return report
    row = (report_requests.c.makerspace_id == report.makerspace.value, report_requests.c.id == report.id)
    await connection.execute(update(report_requests).where(*row).values(completed_with(found)))
    await enqueue(connection, report.makerspace, report.id, report.spec.notify)
    return report_from((await connection.execute(select_reports().where(*row))).mappings().one(), report.makerspace)


async def _first_day(connection: AsyncConnection, makerspace: Makerspace) -> date | None:
    day: date | None = await connection.scalar(select(first_day_of(makerspace)))
    return day


def _values(context: RequestContext, spec: ReportSpec, period: Period) -> dict[str, Any]:
    return spec.columns(report_requests) | {
        "makerspace_id": context.makerspace.value,
        "id": context.fresh_id(),
        "start_date": period.start_date,
        "end_date": period.end_date,
        "requested_by": context.requester.user_id,
        "requested_by_name": context.requester.name,
    }


def _digest(spec: ReportSpec, user_id: str) -> bytes:
    """Digest question and requester: a repeated request has the same digest, another one under the same key has not.

    The period counts as it was asked, not as the days that it was resolved to: a retry may come after midnight.
    Digests are compared with those of earlier releases, so their parts and order stay.
    """
    days = spec.period
    period = f"{days.start_date}/{days.end_date}" if isinstance(days, DateRange) else str(days)
    parts = [spec.type, spec.format, period, spec.compare_to, spec.currency, spec.filters, user_id]
    parts += [further for further in (spec.table, spec.subject) if further is not None]
    parts += [notified] if (notified := spec.notify.as_json()) else []
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _insert(values: dict[str, Any]) -> Insert:
    """Insert a request, or no row where its key is taken: a concurrent one with the same key is waited for."""
    key = (report_requests.c.makerspace_id, report_requests.c.idempotency_key)
    return (
        insert(report_requests)
        .values(values)
        .on_conflict_do_nothing(index_elements=key)
        .returning(*(column for column in report_requests.c if not column.name.startswith("idempotency")))
    )


async def _known(connection: AsyncConnection, makerspace: MakerspaceId, columns: dict[str, Any]) -> Report:
    found = await connection.execute(
        select_reports()
        .add_columns(report_requests.c.idempotency_digest)
        .where(
            report_requests.c.makerspace_id == makerspace.value,
            report_requests.c.idempotency_key == columns["idempotency_key"],
        )
    )
    row = found.mappings().one()
    if bytes(row["idempotency_digest"]) != columns["idempotency_digest"]:
        raise IdempotencyConflict("This idempotencyKey was used for another report.", path=("input", "idempotencyKey"))
    return report_from(row, makerspace)
