"""GraphQL types of reports and of requests for them."""

from datetime import datetime

import strawberry

from makrcave_analytics.period import Comparison
from makrcave_analytics.reports import inputs
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType
from makrcave_analytics.resolvers.reports import reports
from makrcave_analytics.schema.common.connections import connection
from makrcave_analytics.schema.common.fields import attribute, of_row, optional, resolved
from makrcave_analytics.schema.common.makerspace import Makerspace
from makrcave_analytics.schema.common.period import Period, PeriodInput
from makrcave_analytics.schema.common.scalars import JSON, Long
from makrcave_analytics.schema.metrics.explore import TableInput
from makrcave_analytics.schema.recording.record import Payload


@strawberry.input(description="What a report is narrowed to; an empty list narrows nothing.")
class ReportFilters(inputs.ReportFilters):
    """What a report is narrowed to."""

    equipment_ids: list[strawberry.ID] | None = optional("Machines.")  # type: ignore[assignment]
    equipment_categories: list[str] | None = optional("Categories of machines.")
    item_ids: list[strawberry.ID] | None = optional("Items.")  # type: ignore[assignment]
    item_categories: list[str] | None = optional("Categories of items.")
    event_types: list[str] | None = optional("Types of events.")
    revenue_sources: list[str] | None = optional("Sources of revenue.")


@strawberry.input(description="Who is told when the report is there, or has failed.")
class NotifyInput(inputs.NotifyInput):
    """Recipients of a report's end."""

    emails: list[str] | None = optional("Addresses.")
    webhook_url: str | None = optional("An address that gets a signed POST.")


@strawberry.input(description="A report: what about, as what file, over which days.")
class ReportRequestInput(inputs.ReportRequestInput):
    """A report."""

    type: ReportType = attribute("What it is about.")
    format: ReportFormat = attribute("The kind of file.")
    period: PeriodInput | None = optional("Default: LAST_30_DAYS.")
    compare_to: Comparison | None = optional("What its numbers are compared with.")
    currency: str | None = optional("ISO 4217; default: the makerspace's.")
    filters: ReportFilters | None = optional("What it is narrowed to.")
    table: TableInput | None = optional("For CUSTOM.")
    user_id: strawberry.ID | None = optional("For MEMBER_DATA.")
    notify: NotifyInput | None = optional("Who is told.")
    idempotency_key: str | None = optional(
        "The same key with the same question gives the report that it made; up to 100 characters."
    )


@strawberry.type(description="Why a report failed.")
class ReportError:
    """Why a report failed."""

    code: str = attribute("For programs.")
    message: str = attribute("For people.")


@strawberry.type(description="A report's file.")
class ReportFile:
    """A report's file."""

    name: str = attribute("What it is called when saved.")
    content_type: str = attribute("Its media type.")
    size_bytes: Long = attribute("Its size.")
    rows: Long = attribute("Rows of its table, without the header.")
    sha256: str = attribute("Of the whole file, in hexadecimal digits.")
    download_url: str = attribute(
        "Absolute and signed; works without a token until downloadExpiresAt; made anew by each query."
    )
    download_expires_at: datetime = attribute("Until when the link works.")


@strawberry.type(description="A report: what was asked, and how far it is.")
class Report:
    """A report."""

    id: strawberry.ID = attribute("Opaque; carries its makerspace.")
    makerspace: Makerspace = attribute("The makerspace that it is about.")
    type = resolved(reports.of_spec("type"), "What it is about.", ReportType)
    format = resolved(reports.of_spec("format"), "The kind of file.", ReportFormat)
    status = of_row("status", "Where it is in its life.", ReportStatus)
    progress = of_row("progress", "0 to 1.", float)
    stage = of_row("stage", '"Reading sessions", "Drawing charts".', str | None)
    period = resolved(reports.period, "The days that it is about.", Period)
    compared_with = resolved(reports.compared_with, "What it is compared with.", Period | None)
    filters = resolved(reports.of_spec("filters"), "What it is narrowed to.", JSON | None)
    requested_by = resolved(reports.requested_by, "Who asked for it.", strawberry.ID)
    requested_by_name = resolved(reports.requested_by_name, "Who asked for it, for people.", str)
    requested_at = of_row("requested_at", "When it was asked for.", datetime)
    started_at = of_row("started_at", "When a worker took it.", datetime | None)
    completed_at = of_row("completed_at", "When it was there.", datetime | None)
    expires_at = of_row("expires_at", "When its file is deleted.", datetime | None)
    schedule_id = resolved(reports.schedule_id, "The schedule that asked for it.", strawberry.ID | None)
    attempts = of_row("attempts", "How often a worker took it.", int)
    error = of_row("error", "Why it failed.", ReportError | None)
    file = resolved(reports.file, "Its file, while it can be downloaded.", ReportFile | None)
    data_version = of_row("data_version", "The version of the data that the file was made from.", Long | None)


ReportConnection = connection("Report", Report)


@strawberry.type(description="What a mutation of reports answers.")
class ReportPayload(Payload):
    """The answer of a mutation of reports."""

    report: Report | None = attribute("The report; null where it was refused.")
    webhook_secret: str | None = attribute(
        "With which messages to its webhook are signed; told to whoever asked for it."
    )

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        """Say whether a value is of this type."""
        return isinstance(value, reports.ReportPayload)
