"""Tables of makerspaces and of the entities that other services sync: members, machines, items."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from makrcave_analytics.models.base import (
    JSONB,
    UUID,
    Identifier,
    Instant,
    Money,
    Quantity,
    Text,
    absent,
    key,
    metadata,
    needed,
    tenant,
)

makerspaces = Table(
    "makerspaces",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    needed("name", Text),
    needed("time_zone", Text),
    needed("currency", Text),
    needed("locale", Text, "en"),
    needed("week_start", SmallInteger, "0"),
    needed("fiscal_year_start_month", SmallInteger, "1"),
    needed("opening_hours", JSONB, "[]"),
    needed("closures", JSONB, "[]"),
    absent("brand_color", Text),
    absent("logo", LargeBinary),
    needed("data_version", BigInteger, "0"),
    needed("section_versions", JSONB, "{}"),
    needed("origin", Text, "LIVE"),
    absent("events_kept_since", Instant),
    needed("created_at", Instant, text("now()")),
    comment="week_start and days of opening_hours: 0 is Monday. section_versions: section → data_version of the "
    "last write that touched it. events_kept_since: a local midnight, only grows; null while all are kept.",
)

members = Table(
    "members",
    metadata,
    tenant(),
    key("user_id", Identifier),
    needed("number", Integer),
    absent("display_name", Text),
    absent("plan", Text),
    absent("joined_on", Date),
    absent("left_on", Date),
    needed("pseudonym", Text),
    absent("first_seen_on", Date),
    needed("is_synced", Boolean, "false"),
    absent("updated_at", Instant),
    UniqueConstraint("makerspace_id", "number"),
    Index("idx_members_pseudonym", "makerspace_id", "pseudonym"),
    comment="Everyone ever named by a fact or synced. number: their bit in member_presence, from 0 without gaps. "
    "left_on: the last day as a member. first_seen_on: the local day of the first fact.",
)

equipment = Table(
    "equipment",
    metadata,
    tenant(),
    key("equipment_id", Identifier),
    absent("name", Text),
    absent("category", Text),
    needed("status", Text, "AVAILABLE"),
    absent("hourly_rate", Money),
    absent("in_service_from", Date),
    absent("in_service_until", Date),
    absent("next_maintenance_on", Date),
    absent("maintenance_interval_hours", Quantity),
    absent("maintenance_interval_days", Integer),
    absent("opening_hours", JSONB(none_as_null=True)),
    absent("updated_at", Instant),
    comment="in_service_until: the last day in service. opening_hours null: the makerspace's.",
)

inventory_items = Table(
    "inventory_items",
    metadata,
    tenant(),
    key("item_id", Identifier),
    absent("name", Text),
    absent("unit", Text),
    absent("category", Text),
    absent("supplier_type", Text),
    absent("location", Text),
    absent("on_hand", Quantity),
    absent("on_hand_at", Instant),
    absent("unit_cost", Money),
    absent("reorder_point", Quantity),
    absent("updated_at", Instant),
)
