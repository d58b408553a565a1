"""Tables of report requests, their files, schedules, and the notifications that are owed."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)

from makrcave_analytics.models.base import JSONB, UUID, Identifier, Instant, Text, absent, key, metadata, needed, tenant

Json = JSONB(none_as_null=True)


def _spec_columns() -> tuple[Column[Any], ...]:
    """Columns of what is asked for, the same in requests and schedules."""
    return (
        needed("type", Text),
        needed("format", Text),
        absent("compare_to", Text),
        absent("currency", Text),
        absent("filters", Json),
        absent("explore", Json),
        needed("permissions", JSONB),
        absent("notify", Json),
        absent("webhook_seed", LargeBinary),
    )


report_requests = Table(
    "report_requests",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    *_spec_columns(),
    absent("preset", Text),
    needed("start_date", Date),
    needed("end_date", Date),
    absent("subject_user_id", Identifier),
    needed("status", Text, "PENDING"),
    needed("progress", Float, "0"),
    absent("stage", Text),
    needed("requested_by", Identifier),
    needed("requested_by_name", Text),
    needed("requested_at", Instant, text("now()")),
    absent("idempotency_key", Identifier),
    absent("idempotency_digest", LargeBinary),
    absent("schedule_id", UUID(as_uuid=True)),
    absent("sent_at", Instant),
    needed("attempts", Integer, "0"),
    needed("attempts_allowed", Integer, "5"),
    absent("lease_until", Instant),
    absent("started_at", Instant),
    absent("completed_at", Instant),
    absent("expires_at", Instant),
    absent("error_code", Text),
    absent("error_message", Text),
    absent("file_id", UUID(as_uuid=True)),
    absent("data_version", BigInteger),
    UniqueConstraint("makerspace_id", "idempotency_key"),
    Index("idx_report_requests_requested_at", "makerspace_id", "requested_at", "id"),
    Index(
        "idx_report_requests_waiting",
        "makerspace_id",
        "requested_at",
        postgresql_where=text("status IN ('PENDING', 'PROCESSING')"),
    ),
    Index("idx_report_requests_file", "makerspace_id", "file_id", postgresql_where=text("file_id IS NOT NULL")),
    comment="attempts is the fencing token of the lease and only grows; permissions are those of the asking. explore: "
    "the table of a CUSTOM report. sent_at: when a message was last put into the queue. webhook_seed: random, the "
    "secret of the signatures is derived from it.",
)

report_files = Table(
    "report_files",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    absent("sharing_key", LargeBinary),
    needed("name", Text),
    needed("content_type", Text),
    needed("size_bytes", BigInteger),
    needed("rows", BigInteger),
    needed("sha256", Text),
    needed("path", Text),
    needed("data_version", BigInteger),
    needed("created_at", Instant, text("now()")),
    absent("deleted_at", Instant),
    Index("idx_report_files_sharing_key", "makerspace_id", "sharing_key"),
    comment="Shared by the requests that ask for the same at the same version. path: within the report storage.",
)

report_schedules = Table(
    "report_schedules",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    *_spec_columns(),
    needed("preset", Text),
    needed("cron", Text),
    needed("created_by", Identifier),
    needed("created_by_name", Text),
    needed("created_at", Instant, text("now()")),
    needed("is_active", Boolean, "true"),
    absent("next_run_at", Instant),
    absent("last_report_id", UUID(as_uuid=True)),
    comment="webhook_seed: as in report_requests, which take it over.",
)

deliveries = Table(
    "deliveries",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    needed("report_id", UUID(as_uuid=True)),
    needed("kind", Text),
    needed("target", Text),
    needed("attempts", Integer, "0"),
    absent("lease_until", Instant),
    absent("next_attempt_at", Instant),
    absent("delivered_at", Instant),
    absent("failed_at", Instant),
    absent("last_error", Text),
    needed("created_at", Instant, text("now()")),
    Index(
        "idx_deliveries_owed",
        "makerspace_id",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
    Index("idx_deliveries_report", "makerspace_id", "report_id"),
    comment="kind: webhook or email. next_attempt_at null: nothing more is owed.",
)
