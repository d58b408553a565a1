"""Tables of the service about itself: closing figures, freshness of sources, erasures, the audit log."""

from sqlalchemy import BigInteger, Date, Index, Integer, LargeBinary, Table, text

from makrcave_analytics.models.base import JSONB, UUID, Identifier, Instant, Text, absent, key, metadata, needed, tenant

analytics_snapshots = Table(
    "analytics_snapshots",
    metadata,
    tenant(),
    key("grain", Text),
    key("start_date", Date),
    needed("end_date", Date),
    needed("since", Instant),
    needed("until", Instant),
    needed("data_version", BigInteger),
    needed("taken_at", Instant),
    needed("figures", JSONB),
    comment="Closing figures of a DAY, WEEK or MONTH as they stood then: history, not cache.",
)

closings = Table(
    "closings",
    metadata,
    tenant(),
    absent("closed_on", Date),
    needed("attempts", Integer, "0"),
    absent("lease_until", Instant),
    comment="closed_on: the last local day up to which everything that ended has its closing figures. attempts is the "
    "fencing token of the lease.",
)

freshness = Table(
    "freshness",
    metadata,
    tenant(),
    key("kind", Text),
    needed("last_recorded_at", Instant),
    needed("last_fact_at", Instant),
)

tombstones = Table(
    "tombstones",
    metadata,
    tenant(),
    key("digest", LargeBinary),
    needed("erased_at", Instant, text("now()")),
    comment="digest: the keyed hash of an erased person's id, so that replays of their facts are refused.",
)

audit_log = Table(
    "audit_log",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    needed("at", Instant, text("now()")),
    absent("user_id", Identifier),
    needed("action", Text),
    absent("subject", Text),
    absent("details", JSONB(none_as_null=True)),
    Index("idx_audit_log_at", "makerspace_id", "at", "id"),
)
