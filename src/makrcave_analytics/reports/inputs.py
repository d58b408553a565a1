"""What is asked for, as it comes in: plain values, not yet checked. The API makes its input types of these.

A field that was left out and one that was null are the same: None.
"""

from dataclasses import dataclass

from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.period import Comparison, PeriodInput, PeriodPreset
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType


@dataclass
class ReportFilters:
    """What a report is narrowed to. A list that is empty narrows nothing."""

    equipment_ids: list[str] | None = None
    equipment_categories: list[str] | None = None
    item_ids: list[str] | None = None
    item_categories: list[str] | None = None
    event_types: list[str] | None = None
    revenue_sources: list[str] | None = None


@dataclass
class NotifyInput:
    """Who is told when the report is there."""

    emails: list[str] | None = None
    webhook_url: str | None = None


@dataclass
class ReportRequestInput:
    """One report: what about, as what file, over which days."""

    type: ReportType
    format: ReportFormat
    period: PeriodInput | None = None
    compare_to: Comparison | None = None
    currency: str | None = None
    filters: ReportFilters | None = None
    table: TableInput | None = None
    """Of CUSTOM."""
    user_id: str | None = None
    """Of whom MEMBER_DATA is about."""
    notify: NotifyInput | None = None
    idempotency_key: str | None = None


@dataclass
class ReportScheduleInput:
    """A report that is asked for again and again: what about, and when."""

    type: ReportType
    format: ReportFormat
    preset: PeriodPreset
    cron: str
    compare_to: Comparison | None = None
    currency: str | None = None
    filters: ReportFilters | None = None
    table: TableInput | None = None
    """Of CUSTOM."""
    notify: NotifyInput | None = None
    is_active: bool | None = True
