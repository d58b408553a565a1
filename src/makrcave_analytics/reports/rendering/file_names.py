"""Names of report files, for people."""

import re
import unicodedata

from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import local_day
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.rendering.registry import format_of
from makrcave_analytics.reports.report import Report

_NAME_LENGTH = 40


def file_name(report: Report, makerspace: Makerspace) -> str:
    """Name a file so that every system can keep it: plain letters, digits and hyphens, the makerspace first."""
    ascii_name = unicodedata.normalize("NFKD", makerspace.name).encode("ascii", "ignore").decode().lower()
    parts = (
        re.sub(r"[^a-z0-9]+", "-", ascii_name)[:_NAME_LENGTH].strip("-"),
        report.type.lower().replace("_", "-"),
        _days(report, makerspace),
    )
    return f"{'-'.join(filter(None, parts))}.{format_of(report.format).extension}"


def _days(report: Report, makerspace: Makerspace) -> str:
    if definition_of(report.type).is_as_of_now:
        return str(local_day(report.requested_at, makerspace.calendar.zone))
    return f"{report.days.start_date}-to-{report.days.end_date}"
