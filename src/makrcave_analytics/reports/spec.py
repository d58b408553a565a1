"""ReportSpec: what a report is asked for by. Requests, reports and schedules hold one; both tables keep its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Table

from makrcave_analytics.auth import Permission
from makrcave_analytics.period import Comparison, DateRange, PeriodPreset
from makrcave_analytics.reports.recipients import Notify
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType


@dataclass(frozen=True)
class ReportSpec:
    """What a report is asked for by: allowed, possible and well formed."""

    type: ReportType
    format: ReportFormat
    period: PeriodPreset | DateRange
    """A preset, to be resolved when the report is requested, or days."""
    compare_to: Comparison | None
    currency: str | None
    filters: Mapping[str, list[str]] | None
    """By the names that clients use; only those that narrow something."""
    table: Mapping[str, Any] | None
    """The table of a CUSTOM report, as `table_as_json` writes it."""
    subject: str | None
    """The user id of the member whom MEMBER_DATA is about."""
    notify: Notify
    """Who is notified of the report's end."""
    permissions: frozenset[Permission]
    """Those of the requester; the file shows what they allow."""

    @classmethod
    def from_row(cls, row: RowMapping | Mapping[str, Any]) -> "ReportSpec":
        """Read the columns of a request or of a schedule."""
        return cls(
            type=ReportType(row["type"]),
            format=ReportFormat(row["format"]),
            period=PeriodPreset(row["preset"]) if row["preset"] else DateRange(row["start_date"], row["end_date"]),
            compare_to=Comparison(row["compare_to"]) if row["compare_to"] else None,
            currency=row["currency"],
            filters=row["filters"],
            table=row["explore"],
            subject=row.get("subject_user_id"),
            notify=Notify.from_json(row["notify"]),
            permissions=frozenset(map(Permission, row["permissions"])),
        )

    @property
    def preset(self) -> PeriodPreset | None:
        """The preset; None where days were asked for."""
        return self.period if isinstance(self.period, PeriodPreset) else None

    def columns(self, table: Table) -> dict[str, Any]:
        """Write the columns of a request or of a schedule. The days of a request are for the caller to add."""
        values = self.content() | {"notify": self.notify.as_json(), "subject_user_id": self.subject}
        return {name: value for name, value in values.items() if name in table.c}

    def content(self) -> dict[str, Any]:
        """Return, by column, what decides the content of a file, but for its days and the data."""
        return {
            "type": self.type,
            "format": self.format,
            "preset": self.preset,
            "compare_to": self.compare_to,
            "currency": self.currency,
            "filters": self.filters,
            "explore": self.table,
            "permissions": sorted(self.permissions),
        }
