"""What passes between the life of a report and the code that writes its file. Knows neither."""

import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from makrcave_analytics.config import MIN_GROUP_SIZE
from makrcave_analytics.db import Database
from makrcave_analytics.metrics.execution.session import Reading
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import local_day
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.storage.base import Sink
from makrcave_analytics.reports.vocabulary import AS_OF_NOW

SECONDS_A_STATEMENT = 3600
_NAME_LENGTH = 40


@dataclass
class Progress:
    """How far it is; whoever keeps the report's lease tells it on."""

    fraction: float = 0.0
    """From 0 to 1."""
    stage: str | None = None


@dataclass(frozen=True)
class Making:
    """All that is needed to write a report's file."""

    database: Database
    report: Report
    sink: Sink
    progress: Progress
    min_group_size: int = MIN_GROUP_SIZE
    """The fewest people of a group that is shown to those who may not see people."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Open the one snapshot that all of the file is read from; its first statement reads the data version."""
        reading = Reading(self.database, self.report.makerspace, seconds=SECONDS_A_STATEMENT)
        async with reading.snapshot:
            yield reading


@dataclass(frozen=True)
class Made:
    """What was written."""

    name: str
    """Of the file, for people."""
    rows: int
    data_version: int


def file_name(report: Report, makerspace: Makerspace) -> str:
    """Name a file so that every system can keep it: plain letters, digits and hyphens, the makerspace first."""
    ascii_name = unicodedata.normalize("NFKD", makerspace.name).encode("ascii", "ignore").decode().lower()
    parts = (
        re.sub(r"[^a-z0-9]+", "-", ascii_name)[:_NAME_LENGTH].strip("-"),
        report.type.lower().replace("_", "-"),
        _days(report, makerspace),
    )
    return f"{'-'.join(filter(None, parts))}.{report.format.extension}"


def _days(report: Report, makerspace: Makerspace) -> str:
    if report.type in AS_OF_NOW:
        return str(local_day(report.requested_at, makerspace.calendar.zone))
    return f"{report.start_date}-to-{report.end_date}"
