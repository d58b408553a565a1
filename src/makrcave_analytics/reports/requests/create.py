"""A report begins as a row: committed before anybody is told of it, once for each idempotency key."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Insert, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.errors import IdempotencyConflict
from makrcave_analytics.metrics.explore.inputs import check_table
from makrcave_analytics.metrics.sources.sql.first_day import first_day_of
from makrcave_analytics.models import report_requests
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.models.makerspace import Makerspace, read_makerspace
from makrcave_analytics.period import Period, PeriodPreset, resolve
from makrcave_analytics.reports.inputs import ReportRequestInput
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY, DeliveryChannels, enqueue, fresh_seed
from makrcave_analytics.reports.report import Report, report_from, select_reports
from makrcave_analytics.reports.requests.validation import ReportRequest, check
from makrcave_analytics.reports.storage.shared_files import completed_with, find_shared, sharing_key
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class Requester:
    """Who asks, and what they may do in the makerspace; the report keeps that for as long as it lives."""

    user_id: str
    name: str
    permissions: frozenset[Permission]


async def request_report(
    database: Database,
    makerspace: MakerspaceId,
    asked: ReportRequestInput,
    requester: Requester,
    now: datetime,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    channels: DeliveryChannels = WEBHOOKS_ONLY,
) -> Report:
    """Commit a request and return it; where its idempotency key is known, return the report that it made then.

    Where a file of the same is there already, the report is completed with it.

    Raises:
        Invalid, Forbidden: what was asked cannot be made, or not for this person.
        IdempotencyConflict: the key was used for another question, or by somebody else.
        NotFound: there is no such makerspace.
        Unavailable: PostgreSQL is away; where it went away during COMMIT, ask again with the same key.
    """
    request = check(asked, requester.permissions, channels)
    seed = fresh_seed(request.notify, random)
    async with database.write(makerspace) as connection:
        added = await add_report(connection, makerspace, request, requester, now, random, webhook_seed=seed)
        return added or await _known(connection, makerspace, request, requester)


async def add_report(
    connection: AsyncConnection,
    makerspace: MakerspaceId,
    request: ReportRequest,
    requester: Requester,
    now: datetime,
    random: Callable[[int], bytes],
    **columns: Any,
) -> Report | None:
    """Add a request within a transaction; None where its idempotency key is known. `columns` are further values."""
    home = await read_makerspace(connection, makerspace)
    first_day = await _first_day(connection, home) if request.asked is PeriodPreset.ALL_TIME else None
    period = resolve(request.asked, home.calendar, now, first_day)
    if request.table is not None:
        check_table(request.table, period, "input", "table")
    values = _values(makerspace, request, requester, period) | {"id": fresh_id(now, random(RANDOM_BYTES))} | columns
    added = (await connection.execute(_insert(values))).mappings().one_or_none()
    if added is None:
        return None
    report = report_from(added, makerspace)
    if report.status is ReportStatus.PENDING:
        report = await _shared(connection, report, home.data_version)
    log.info("report requested", report_id=str(report.id), type=report.type, format=report.format, status=report.status)
    return report


async def _shared(connection: AsyncConnection, report: Report, data_version: int) -> Report:
    """Complete a report with the file of one that asked for the same, where there is such a file."""
    key = await sharing_key(connection, report, data_version)
    found = await find_shared(connection, report.makerspace, key) if key else None
    if found is None:
        return report
    row = (report_requests.c.makerspace_id == report.makerspace.value, report_requests.c.id == report.id)
    await connection.execute(update(report_requests).where(*row).values(completed_with(found)))
    await enqueue(connection, report.makerspace, report.id, report.notify)
    return report_from((await connection.execute(select_reports().where(*row))).mappings().one(), report.makerspace)


async def _first_day(connection: AsyncConnection, home: Makerspace) -> date | None:
    day: date | None = await connection.scalar(select(first_day_of(home)))
    return day


def _values(makerspace: MakerspaceId, request: ReportRequest, requester: Requester, period: Period) -> dict[str, Any]:
    return {
        "makerspace_id": makerspace.value,
        "type": request.type,
        "format": request.format,
        "compare_to": request.compare_to,
        "currency": request.currency,
        "filters": request.filters,
        "explore": request.explore,
        "subject_user_id": request.subject,
        "permissions": sorted(requester.permissions),
        "notify": request.notify.as_json(),
        "preset": period.preset,
        "start_date": period.start_date,
        "end_date": period.end_date,
        "requested_by": requester.user_id,
        "requested_by_name": requester.name,
        "idempotency_key": request.idempotency_key,
        "idempotency_digest": request.digest(requester.user_id) if request.idempotency_key else None,
    }


def _insert(values: dict[str, Any]) -> Insert:
    """Insert, unless the key is taken: then wait for whoever took it to commit, and return no row."""
    key = (report_requests.c.makerspace_id, report_requests.c.idempotency_key)
    return (
        insert(report_requests)
        .values(values)
        .on_conflict_do_nothing(index_elements=key)
        .returning(*(column for column in report_requests.c if not column.name.startswith("idempotency")))
    )


async def _known(
    connection: AsyncConnection, makerspace: MakerspaceId, request: ReportRequest, requester: Requester
) -> Report:
    found = await connection.execute(
        select_reports()
        .add_columns(report_requests.c.idempotency_digest)
        .where(
            report_requests.c.makerspace_id == makerspace.value,
            report_requests.c.idempotency_key == request.idempotency_key,
        )
    )
    row = found.mappings().one()
    if bytes(row["idempotency_digest"]) != request.digest(requester.user_id):
        raise IdempotencyConflict("This idempotencyKey was used for another report.", path=("input", "idempotencyKey"))
    return report_from(row, makerspace)
