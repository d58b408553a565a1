"""Report: one row of report_requests with its file, as a value. Knows no statement but the columns that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, select

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.models import report_files, report_requests
from makrcave_analytics.period import Calendar, Comparison, Period, PeriodPreset, compare
from makrcave_analytics.reports.recipients import Notify
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType


@dataclass(frozen=True)
class ReportFile:
    """The file of a completed report."""

    id: UUID
    name: str
    content_type: str
    size_bytes: int
    rows: int
    """Of the table; its header is none."""
    sha256: str
    """In hexadecimal digits."""


@dataclass(frozen=True)
class ReportError:
    """Why a report failed, as clients may know it."""

    code: str
    message: str


@dataclass(frozen=True)
class Report:
    """One report: what was asked, by whom, and how far it is."""

    makerspace: MakerspaceId
    id: UUID
    type: ReportType
    format: ReportFormat
    status: ReportStatus
    progress: float
    """From 0 to 1."""
    stage: str | None
    preset: PeriodPreset | None
    start_date: date
    end_date: date
    """The last day, included."""
    compare_to: Comparison | None
    currency: str | None
    filters: Mapping[str, list[str]] | None
    explore: Mapping[str, Any] | None
    """The table of a CUSTOM report."""
    permissions: frozenset[Permission]
    """Those of the asking; the file shows what they allow."""
    notify: Notify
    """Who is told of its end."""
    webhook_seed: bytes | None
    """What the secret of its webhook's signatures is derived from."""
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    schedule_id: UUID | None
    attempts: int
    """How often a worker took it; the number of the latest is the fencing token."""
    attempts_allowed: int
    """From this attempt on an error, or the loss of the worker, fails it."""
    error: ReportError | None
    file_id: UUID | None
    file: ReportFile | None
    data_version: int | None
    """Of the snapshot that the file was made from."""
    subject_user_id: str | None = None
    """Of whom MEMBER_DATA is about."""

    def period(self, calendar: Calendar) -> Period:
        """Return the days that it is about, as they were when it was asked for."""
        return Period.of_days(self.start_date, self.end_date, calendar, self.requested_at, self.preset)

    def compared_with(self, calendar: Calendar) -> Period | None:
        """Return what it is compared with; None where nothing was asked for, or nothing precedes it."""
        return compare(self.period(calendar), self.compare_to) if self.compare_to else None


_request, _file = report_requests.c, report_files.c

STATUS: ColumnElement[str] = case(
    (and_(_request.status == ReportStatus.COMPLETED, _request.expires_at <= func.now()), ReportStatus.EXPIRED.value),
    else_=_request.status,
)
"""The status of now: a report expires on time, also while nobody is there to say so in its row."""

REQUEST_COLUMNS = tuple(
    column
    for column in report_requests.c
    if column.name not in ("makerspace_id", "status", "idempotency_key", "idempotency_digest")
)
_FILE_COLUMNS = (_file.name, _file.content_type, _file.size_bytes, _file.rows, _file.sha256)


def select_reports() -> Select[Any]:
    """Select what `report_from` takes; the caller says which rows, the makerspace first of all."""
    joined = report_requests.outerjoin(
        report_files, and_(_file.makerspace_id == _request.makerspace_id, _file.id == _request.file_id)
    )
    files = (column.label(f"file_{column.name}") for column in _FILE_COLUMNS)
    return select(*REQUEST_COLUMNS, STATUS.label("status"), *files).select_from(joined)


def report_from(row: RowMapping | Mapping[str, Any], makerspace: MakerspaceId) -> Report:
    """Build the value from a row of `select_reports`, or from the REQUEST_COLUMNS and status of one without a file."""
    return Report(
        makerspace=makerspace,
        id=row["id"],
        type=ReportType(row["type"]),
        format=ReportFormat(row["format"]),
        status=ReportStatus(row["status"]),
        progress=row["progress"],
        stage=row["stage"],
        preset=PeriodPreset(row["preset"]) if row["preset"] else None,
        start_date=row["start_date"],
        end_date=row["end_date"],
        compare_to=Comparison(row["compare_to"]) if row["compare_to"] else None,
        currency=row["currency"],
        filters=row["filters"],
        explore=row["explore"],
        permissions=frozenset(map(Permission, row["permissions"])),
        notify=Notify.from_json(row["notify"]),
        webhook_seed=row["webhook_seed"],
        requested_by=row["requested_by"],
        requested_by_name=row["requested_by_name"],
        requested_at=row["requested_at"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        expires_at=row["expires_at"],
        schedule_id=row["schedule_id"],
        attempts=row["attempts"],
        attempts_allowed=row["attempts_allowed"],
        error=ReportError(row["error_code"], row["error_message"] or "") if row["error_code"] else None,
        file_id=row["file_id"],
        file=_file_from(row) if row["file_id"] and row.get("file_name") else None,
        data_version=row["data_version"],
        subject_user_id=row["subject_user_id"],
    )


def _file_from(row: RowMapping | Mapping[str, Any]) -> ReportFile:
    return ReportFile(row["file_id"], *(row[f"file_{column.name}"] for column in _FILE_COLUMNS))
