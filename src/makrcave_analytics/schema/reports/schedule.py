"""GraphQL types of schedules."""

from datetime import datetime

import strawberry

from makrcave_analytics.period import Comparison, PeriodPreset
from makrcave_analytics.reports import inputs
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType
from makrcave_analytics.resolvers.reports import schedules
from makrcave_analytics.resolvers.reports.reports import of_spec
from makrcave_analytics.schema.common.fields import attribute, of_row, optional, resolved
from makrcave_analytics.schema.metrics.explore import TableInput
from makrcave_analytics.schema.recording.record import Payload
from makrcave_analytics.schema.reports.report import NotifyInput, Report, ReportFilters


@strawberry.input(description="A report that is asked for again and again: what about, and when.")
class ReportScheduleInput(inputs.ReportScheduleInput):
    """A schedule."""

    type: ReportType = attribute("What its reports are about.")
    format: ReportFormat = attribute("The kind of file.")
    preset: PeriodPreset = attribute("The days that each is about, as of its run.")
    cron: str = attribute(
        'Minute, hour, day of month, month, day of week, in the makerspace\'s time zone: "0 8 * * MON". A time that '
        "the clock jumps over comes right after it, one that it shows twice comes once."
    )
    compare_to: Comparison | None = optional("What its numbers are compared with.")
    currency: str | None = optional("ISO 4217; default: the makerspace's.")
    filters: ReportFilters | None = optional("What it is narrowed to.")
    table: TableInput | None = optional("For CUSTOM.")
    notify: NotifyInput | None = optional("Who is told of each report.")
    is_active: bool | None = strawberry.field(default=True, description="Whether it runs.")


@strawberry.type(description="Who is told.")
class Notify:
    """Recipients of each report."""

    emails: list[str] = attribute("Addresses.")
    webhook_url: str | None = attribute("An address that gets a signed POST.")


@strawberry.type(description="A report that comes by itself.")
class ReportSchedule:
    """A schedule."""

    id: strawberry.ID = attribute("Opaque; carries its makerspace.")
    type = resolved(of_spec("type"), "What its reports are about.", ReportType)
    format = resolved(of_spec("format"), "The kind of file.", ReportFormat)
    preset = resolved(of_spec("preset"), "The days that each is about, as of its run.", PeriodPreset)
    compare_to = resolved(of_spec("compare_to"), "What its numbers are compared with.", Comparison | None)
    cron = of_row("cron", "When it runs, in timeZone.", str)
    time_zone = resolved(schedules.time_zone, "The makerspace's.", str)
    notify = resolved(of_spec("notify"), "Who is told of each report.", Notify)
    is_active = of_row("is_active", "Whether it runs.", bool)
    next_run_at = of_row("next_run_at", "When it runs next; null while it is not active.", datetime | None)
    last_report: Report | None = attribute("The report of its last run.")


@strawberry.type(description="What a mutation of schedules answers.")
class ReportSchedulePayload(Payload):
    """The answer of a mutation of schedules."""

    schedule: ReportSchedule | None = attribute("The schedule; null where it was refused.")
    webhook_secret: str | None = attribute(
        "With which messages to its webhook are signed; shown once, when it was made."
    )

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        """Say whether a value is of this type."""
        return isinstance(value, schedules.ReportSchedulePayload)
