"""Requests as they come in: plain values, not yet checked. The API derives its input types from these.

A field that was left out and one that was null are the same: None.
"""

from dataclasses import dataclass

from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.period import Comparison, PeriodInput, PeriodPreset
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType


@dataclass
class ReportFilters:
    """What a report is narrowed to. An empty list narrows nothing."""

    equipment_ids: list[str] | None = None
    equipment_categories: list[str] | None = None
    item_ids: list[str] | None = None
    item_categories: list[str] | None = None
    event_types: list[str] | None = None
    revenue_sources: list[str] | None = None


@dataclass
class NotifyInput:
    """Who is notified when the report is completed or has failed."""

    emails: list[str] | None = None
    webhook_url: str | None = None


@dataclass
class ReportRequestInput:
    """A request for one report: its type, its format, its period."""

    type: ReportType
    format: ReportFormat
    period: PeriodInput | None = None
    compare_to: Comparison | None = None
    currency: str | None = None
    filters: ReportFilters | None = None
    table: TableInput | None = None
    """For CUSTOM only."""
    user_id: str | None = None
    """For MEMBER_DATA only: the member whom it is about."""
    notify: NotifyInput | None = None
    idempotency_key: str | None = None


@dataclass
class ReportScheduleInput:
    """A schedule of reports: what they are about, and when they are requested."""

    type: ReportType
    format: ReportFormat
    preset: PeriodPreset
    cron: str
    compare_to: Comparison | None = None
    currency: str | None = None
    filters: ReportFilters | None = None
    table: TableInput | None = None
    """For CUSTOM only."""
    notify: NotifyInput | None = None
    is_active: bool | None = True
