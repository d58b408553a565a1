"""Files of reports without a stored request: a report as a value, and its rendered bytes."""

import io
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import openpyxl
import pypdf

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.period import Calendar, Comparison, DateRange, PeriodPreset, resolve
from makrcave_analytics.reports.content.context import Made, Progress, ReportJob
from makrcave_analytics.reports.recipients import Notify
from makrcave_analytics.reports.rendering.render import build
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.spec import ReportSpec
from makrcave_analytics.reports.storage.base import StoredFacts
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType


@dataclass
class Memory:
    """A sink in memory."""

    pieces: list[bytes] = field(default_factory=list)

    async def write(self, data: bytes) -> None:
        self.pieces.append(bytes(data))

    async def finish(self) -> StoredFacts:
        raise AssertionError("writers do not finish the file")


@dataclass(frozen=True)
class Rendered:
    """A rendered file and its report."""

    report: Report
    made: Made
    data: bytes
    stages: str | None

    @cached_property
    def pdf(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(io.BytesIO(self.data))

    def read(self, *pages: int) -> str:
        """The text of some pages of a PDF, or of all, with single spaces."""
        count = len(self.pdf.pages)
        wanted = sorted({page % count for page in pages}) or range(count)
        return re.sub(r"\s+", " ", "\n".join(self.pdf.pages[page].extract_text() for page in wanted))

    @cached_property
    def workbook(self) -> Any:
        return openpyxl.load_workbook(io.BytesIO(self.data))


def report_of(
    makerspace: MakerspaceId,
    calendar: Calendar,
    now: datetime,
    type_: ReportType,
    format_: ReportFormat,
    asked: PeriodPreset | DateRange = PeriodPreset.LAST_30_DAYS,
    **changes: Any,
) -> Report:
    """A report requested at `now` with all permissions; `changes` are fields of its spec or of Report."""
    period = resolve(asked, calendar, now)
    spec = ReportSpec(
        type=type_,
        format=format_,
        period=asked,
        compare_to=Comparison.PREVIOUS_PERIOD,
        currency=None,
        filters=None,
        table=None,
        subject=None,
        notify=Notify(),
        permissions=frozenset(Permission),
    )
    of_spec = {name: value for name, value in changes.items() if name in ReportSpec.__dataclass_fields__}
    of_report = {name: value for name, value in changes.items() if name not in of_spec}
    values: dict[str, Any] = {
        "makerspace": makerspace,
        "id": UUID(int=7),
        "spec": replace(spec, **of_spec),
        "days": DateRange(period.start_date, period.end_date),
        "status": ReportStatus.PROCESSING,
        "requested_by": "mira",
        "requested_by_name": "Mira Manager",
        "requested_at": now,
        "progress": 0.0,
        "attempts": 1,
        "attempts_allowed": 5,
    }
    absent = {name: None for name in Report.__dataclass_fields__ if name not in values}
    return Report(**(absent | values | of_report))


async def render(database: Database, report: Report) -> Rendered:
    """Render a report in memory."""
    memory, progress = Memory(), Progress()
    made = await build(ReportJob(database, report, memory, progress))
    return Rendered(report, made, b"".join(memory.pieces), progress.stage)
