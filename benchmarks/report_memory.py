"""A process that writes a million events as CSV, and prints by how many bytes its memory grew."""

import asyncio
import os
import re
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.report_files import HEAVY, YEAR, make, report_of
from makrcave_analytics.db import Database
from makrcave_analytics.period import DateRange
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


async def measured(url: str) -> int:
    """Return the peak memory of a large file above the memory that the process held after a small one, in bytes."""
    database = Database(url, pool_size=2, statement_seconds=600)
    with tempfile.TemporaryDirectory(prefix="makrcave-bench-") as folder:
        day = DateRange(date(2026, 1, 2), date(2026, 1, 2))
        await make(database, report_of(HEAVY, ReportType.USAGE, ReportFormat.CSV, day), Path(folder))
        before = _reset_peak()
        await make(database, report_of(HEAVY, ReportType.USAGE, ReportFormat.CSV, YEAR), Path(folder))
        after = _kilobytes("VmHWM")
    await database.dispose()
    return (after - before) * 1024


def _reset_peak() -> int:
    """Reset the peak, and return the current memory in kilobytes."""
    _RESET.write_text("5")
    return _kilobytes("VmRSS")


def _kilobytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", _STATUS.read_text())
    return int(found.group(1)) if found else 0


if __name__ == "__main__":
    print(asyncio.run(measured(os.environ["BENCH_URL"])))
