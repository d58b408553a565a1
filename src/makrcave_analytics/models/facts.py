"""Tables of facts, and their registry by kind. A voided fact stays, marked, and is in no number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, Numeric, Table, text
from sqlalchemy.dialects.postgresql import JSONB as JSONB_TYPE

from makrcave_analytics.models.base import (
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
from makrcave_analytics.models.fact_kind import FactKind

Json = JSONB_TYPE(none_as_null=True)


def _stored() -> tuple[Column[Any], ...]:
    """Return the columns of every fact: when it was recorded, and whether it was voided."""
    return (
        needed("recorded_at", Instant, text("now()")),
        absent("voided_at", Instant),
        absent("void_reason", Text),
    )


def _of(table: str, named: str, day: str) -> Index:
    """Return an index by the entities that facts name, to find those never synced, and the last fact of each."""
    of = (f"idx_{table}_{named}", "makerspace_id", f"{named}_id", day)
    return Index(*of, postgresql_where=text(f"{named}_id IS NOT NULL"))


usage_events = Table(
    "usage_events",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    absent("user_id", Identifier),
    needed("event_type", Text),
    needed("event_category", Text),
    absent("equipment_id", Identifier),
    absent("item_id", Identifier),
    absent("project_id", Identifier),
    absent("metadata", Json),
    needed("timestamp", Instant),
    *_stored(),
    Index("idx_usage_events_makerspace_timestamp", "makerspace_id", "timestamp", "id"),
    Index("idx_usage_events_member", "makerspace_id", "user_id", "timestamp"),
    _of("usage_events", "equipment", "timestamp"),
    _of("usage_events", "project", "timestamp"),
)

equipment_usage_logs = Table(
    "equipment_usage_logs",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    needed("equipment_id", Identifier),
    absent("user_id", Identifier),
    needed("start_time", Instant),
    absent("end_time", Instant),
    absent("duration_minutes", Integer),
    needed("usage_type", Text),
    absent("materials_used", Json),
    absent("project_id", Identifier),
    absent("succeeded", Boolean),
    absent("energy_kwh", Quantity),
    *_stored(),
    Index("idx_equipment_usage_equipment_timestamp", "makerspace_id", "equipment_id", "start_time"),
    Index("idx_equipment_usage_start", "makerspace_id", "start_time", "id"),
    Index("idx_equipment_usage_open", "makerspace_id", postgresql_where=text("end_time IS NULL")),
    Index(
        "idx_equipment_usage_downtime",
        "makerspace_id",
        "start_time",
        postgresql_where=text("usage_type IN ('maintenance', 'repair')"),
    ),
    comment="start_time and end_time are cut to whole seconds. end_time null: still running; duration_minutes is "
    "kept as it was sent, end_time is what counts.",
)

inventory_analytics = Table(
    "inventory_analytics",
    metadata,
    tenant(),
    key("id", UUID(as_uuid=True)),
    needed("item_id", Identifier),
    needed("date", Date),
    needed("quantity_consumed", Quantity),
    needed("cost_consumed", Money),
    absent("efficiency_score", Numeric(9, 6)),
    absent("waste_percentage", Numeric(9, 6)),
    needed("reorder_triggered", Boolean, "false"),
    absent("user_id", Identifier),
    absent("project_id", Identifier),
    *_stored(),
    Index("idx_inventory_analytics_makerspace_date", "makerspace_id", "date", "id"),
    Index("idx_inventory_analytics_item", "makerspace_id", "item_id", "date"),
)

project_analytics = Table(
    "project_analytics",
    metadata,
    tenant(),
    key("project_id", Identifier),
    absent("name", Text),
    needed("status", Text, "planned"),
    absent("category", Text),
    absent("owner_id", Identifier),
    absent("progress", Numeric(9, 6)),
    absent("started_at", Instant),
    absent("due_at", Instant),
    absent("completed_at", Instant),
    absent("cancelled_at", Instant),
    absent("total_cost", Money),
    needed("bom_items_count", Integer, "0"),
    needed("external_items_count", Integer, "0"),
    needed("collaborators", Integer, "0"),
    absent("updated_at", Instant),
)

revenue_analytics = Table(
    "revenue_analytics",
    metadata,
    tenant(),
    key("transaction_id", Identifier),
    key("line_id", Identifier),
    needed("transaction_date", Date),
    needed("revenue_source", Text),
    needed("amount", Money),
    needed("tax_amount", Money, "0"),
    needed("currency", Text),
    needed("payment_method", Text),
    absent("customer_id", Identifier),
    absent("equipment_id", Identifier),
    needed("is_recurring", Boolean, "false"),
    absent("service_from", Date),
    absent("service_until", Date),
    absent("refund_of", Identifier),
    *_stored(),
    Index(
        "idx_revenue_analytics_makerspace_date",
        "makerspace_id",
        "transaction_date",
        "transaction_id",
        "line_id",
    ),
    Index("idx_revenue_analytics_service", "makerspace_id", "service_until"),
    Index(
        "idx_revenue_analytics_refund",
        "makerspace_id",
        "refund_of",
        postgresql_where=text("refund_of IS NOT NULL"),
    ),
    _of("revenue_analytics", "equipment", "transaction_date"),
    comment="amount is what was paid, tax_amount included; negative is a refund. service_until is the last day.",
)


@dataclass(frozen=True)
class FactTable:
    """The table of a kind of fact, and the columns that every kind has under a name of its own."""

    table: Table
    key: tuple[str, ...]
    """The columns of a fact's id, within a makerspace."""
    when: str
    """The column of the instant at which a fact was or began; of kinds that know only days, of the day."""
    person: str
    """The column of the person whom a fact is about."""

    @property
    def has_days(self) -> bool:
        """Whether facts have a day and no time."""
        return isinstance(self.table.c[self.when].type, Date)


FACT_TABLES: Mapping[FactKind, FactTable] = {
    FactKind.EVENT: FactTable(usage_events, ("id",), "timestamp", "user_id"),
    FactKind.EQUIPMENT_USAGE: FactTable(equipment_usage_logs, ("id",), "start_time", "user_id"),
    FactKind.INVENTORY_USAGE: FactTable(inventory_analytics, ("id",), "date", "user_id"),
    FactKind.REVENUE: FactTable(revenue_analytics, ("transaction_id", "line_id"), "transaction_date", "customer_id"),
}
