"""MEMBER_DATA: all rows of one person as they are stored, to answer an access request."""

from collections.abc import Sequence

from sqlalchemy import text

from makrcave_analytics.auth import Permission
from makrcave_analytics.metrics.privacy.visibility import Sensitive
from makrcave_analytics.models import CHUNK_BITS
from makrcave_analytics.period import local
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable
from makrcave_analytics.reports.vocabulary import ReportType


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    return (document.Chapter("All that is kept", (await listing(context),)),)


async def listing(context: ReportContext) -> DocumentTable:
    """List all rows of the person or with their id, each with its kind and time."""
    of = {
        "makerspace": context.makerspace.id,
        "person": context.report.spec.subject,
        "zone": context.makerspace.time_zone,
    }
    async with context.reading.snapshot.connection() as connection:
        found = await connection.execute(text(_KEPT), of)
    zone = context.makerspace.calendar.zone
    rows = [(row.kind, None if row.at is None else local(row.at, zone), row.data) for row in found]
    if not rows:
        context.note("Nothing is kept of this person.")
    columns = (Column("kind", "Kind"), Column("time", "Time"), Column("data", "Data", is_wide=True))
    note = "Long values are cut on paper; CSV and XLSX hold them whole."
    return DocumentTable(f"Of {context.report.spec.subject}", columns, rows, note, most_lines=12)


_REPORT = "to_jsonb(f) - 'idempotency_digest'"


def _kept(kind: str, table: str, at: str, person: str, data: str = "to_jsonb(f)") -> str:
    return (
        f"SELECT '{kind}' AS kind, {at} AS at, CAST(jsonb_strip_nulls({data}) AS text) AS data FROM {table} f "  # noqa: S608 - our own words
        f"WHERE f.makerspace_id = :makerspace AND f.{person} = :person"
    )


def _midnight(day: str) -> str:
    return f"CAST({day} AS timestamp) AT TIME ZONE :zone"


_PRESENT = f"""SELECT 'presence', {_midnight("p.local_day")},
    CAST(jsonb_build_object('local_day', p.local_day, 'kind', p.kind) AS text)
FROM member_presence p, members f
WHERE p.makerspace_id = :makerspace AND f.makerspace_id = :makerspace AND f.user_id = :person
    AND p.chunk = f.number / {CHUNK_BITS} AND get_bit(p.bits, f.number % {CHUNK_BITS}) = 1"""  # noqa: S608
_KEPT = (
    " UNION ALL ".join(
        [
            _kept("member", "members", f"coalesce(updated_at, {_midnight('first_seen_on')})", "user_id"),
            _kept("event", "usage_events", "timestamp", "user_id"),
            _kept("equipment_usage", "equipment_usage_logs", "start_time", "user_id"),
            _kept("inventory_usage", "inventory_analytics", _midnight("date"), "user_id"),
            _kept("revenue", "revenue_analytics", _midnight("transaction_date"), "customer_id"),
            _kept("project", "project_analytics", "coalesce(started_at, updated_at)", "owner_id"),
            _PRESENT,
            _kept("report", "report_requests", "requested_at", "requested_by", _REPORT),
            _kept("report_about", "report_requests", "requested_at", "subject_user_id", "jsonb_build_object('id', id)"),
            _kept("schedule", "report_schedules", "created_at", "created_by", "to_jsonb(f) - 'webhook_secret'"),
            _kept("audit", "audit_log", "at", "user_id"),
        ]
    )
    + " ORDER BY at NULLS FIRST, kind, data"
)


DEFINITION = ReportDefinition(
    type=ReportType.MEMBER_DATA,
    title="All that is kept of a person",
    template=template,
    listing=listing,
    needs=(Permission.MANAGE, Sensitive.PEOPLE.permission),
    argument="user_id",
    is_as_of_now=True,
    is_personal=True,
)
