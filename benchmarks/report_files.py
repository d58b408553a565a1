"""Reports to measure: as they come to a worker, made into a folder."""

from datetime import date
from pathlib import Path
from time import perf_counter
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.data import NOW
from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.period import Calendar, Comparison, DateRange, PeriodPreset, resolve
from makrcave_analytics.reports.content.context import Progress, ReportJob
from makrcave_analytics.reports.recipients import Notify
from makrcave_analytics.reports.rendering.render import build
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType

HEAVY = UUID("0198c0de-00ff-7000-8000-0000000000ff")
"""A makerspace of its own: the facts below, 200 members and 40 machines."""
ZONE = "Asia/Kolkata"
YEAR = DateRange(date(2026, 1, 1), date(2026, 10, 31))
CALENDAR = Calendar(ZoneInfo(ZONE), 0, 4)


async def make(database: Database, report: Report, folder: Path) -> None:
    """Make a file, and delete it again."""
    storage = FolderStorage(folder / "store")
    file_id = UUID(int=int(perf_counter() * 1e9))
    async with storage.writing(report.makerspace, file_id) as sink:
        await build(ReportJob(database, report, sink, Progress()))
        await sink.finish()
    await storage.delete(report.makerspace, file_id)


def report_of(makerspace: UUID, type_: ReportType, format_: ReportFormat, asked: DateRange | PeriodPreset) -> Report:
    """Make a report as it comes to a worker."""
    period = resolve(asked, CALENDAR, NOW)
    values = {
        "makerspace": Viewer.system("a benchmark").makerspace(makerspace),
        "id": UUID(int=1),
        "type": type_,
        "format": format_,
        "status": ReportStatus.PROCESSING,
        "preset": period.preset,
        "start_date": period.start_date,
        "end_date": period.end_date,
        "compare_to": Comparison.PREVIOUS_PERIOD,
        "permissions": frozenset(Permission),
        "notify": Notify(),
        "requested_at": NOW,
        "attempts": 1,
    }
    return Report(**(dict.fromkeys(Report.__dataclass_fields__) | values))  # type: ignore[arg-type]
