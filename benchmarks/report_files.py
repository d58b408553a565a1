"""Reports to measure: claimed by a worker, and made into a folder."""

from datetime import date
from pathlib import Path
from time import perf_counter
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.reports.report_files import report_of as claimed_report

from benchmarks.data import NOW
from makrcave_analytics.auth import Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.period import Calendar, DateRange, PeriodPreset
from makrcave_analytics.reports.content.context import Progress, ReportJob
from makrcave_analytics.reports.rendering.render import build
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

HEAVY = UUID("0198c0de-00ff-7000-8000-0000000000ff")
"""The id of a makerspace with many facts, 200 members and 40 machines."""
ZONE = "Asia/Kolkata"
YEAR = DateRange(date(2026, 1, 1), date(2026, 10, 31))
CALENDAR = Calendar(ZoneInfo(ZONE), 0, 4)


async def make(database: Database, report: Report, folder: Path) -> None:
    """Make the file of a report, and delete it."""
    storage = FolderStorage(folder / "store")
    file_id = UUID(int=int(perf_counter() * 1e9))
    async with storage.writing(report.makerspace, file_id) as sink:
        await build(ReportJob(database, report, sink, Progress()))
        await sink.finish()
    await storage.delete(report.makerspace, file_id)


def report_of(makerspace: UUID, type_: ReportType, format_: ReportFormat, asked: DateRange | PeriodPreset) -> Report:
    """Return a report as a worker claims it, about this makerspace and period."""
    minted = Viewer.system("a benchmark").makerspace(makerspace)
    return claimed_report(minted, CALENDAR, NOW, type_, format_, asked)
