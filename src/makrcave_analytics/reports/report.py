"""Report: one row of report_requests with its file, as a value; and the SELECT that it is read by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, select

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.models import report_files, report_requests
from makrcave_analytics.period import Calendar, DateRange, Period, compare
from makrcave_analytics.reports.spec import ReportSpec
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType


@dataclass(frozen=True)
class ReportFile:
    """The file of a completed report."""

    id: UUID
    name: str
    content_type: str
    size_bytes: int
    rows: int
    """Rows of the table, without its header."""
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
    spec: ReportSpec
    days: DateRange
    """The local days that the spec's period meant when the report was requested, both included."""
    status: ReportStatus
    progress: float
    """From 0 to 1."""
    stage: str | None
    webhook_seed: bytes | None
    """The secret that signs its webhooks is derived from this."""
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    schedule_id: UUID | None
    attempts: int
    """How often a worker claimed it; the number of the latest is the fencing token."""
    attempts_allowed: int
    """From this attempt on, an error or a lost worker fails it."""
    error: ReportError | None
    file_id: UUID | None
    file: ReportFile | None
    data_version: int | None
    """The data version of the snapshot that the file was made from."""

    @property
    def type(self) -> ReportType:
        """What it is about."""
        return self.spec.type

    @property
    def format(self) -> ReportFormat:
        """The kind of its file."""
        return self.spec.format

    @property
    def filters(self) -> Mapping[str, list[str]] | None:
        """What it is narrowed to."""
        return self.spec.filters

    @property
    def permissions(self) -> frozenset[Permission]:
        """Those of the requester."""
        return self.spec.permissions

    def period(self, calendar: Calendar) -> Period:
        """Return the days that it is about, as of when it was requested."""
        return Period.of_days(self.days.start_date, self.days.end_date, calendar, self.requested_at, self.spec.preset)

    def compared_with(self, calendar: Calendar) -> Period | None:
        """Return the period that it is compared with; None where none was asked for, or nothing precedes it."""
        return compare(self.period(calendar), self.spec.compare_to) if self.spec.compare_to else None


_request, _file = report_requests.c, report_files.c

STATUS: ColumnElement[str] = case(
    (and_(_request.status == ReportStatus.COMPLETED, _request.expires_at <= func.now()), ReportStatus.EXPIRED.value),
    else_=_request.status,
)
"""The status as of now: a report expires on time, even before a worker has marked its row."""

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
        spec=ReportSpec.from_row(row),
        days=DateRange(row["start_date"], row["end_date"]),
        status=ReportStatus(row["status"]),
        progress=row["progress"],
        stage=row["stage"],
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
    )


def _file_from(row: RowMapping | Mapping[str, Any]) -> ReportFile:
    return ReportFile(row["file_id"], *(row[f"file_{column.name}"] for column in _FILE_COLUMNS))
