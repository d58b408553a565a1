"""The fact tables that reports hold: events, machine sessions, consumption, payments."""

from makrcave_analytics.metrics.privacy.visibility import Sensitive
from makrcave_analytics.reports.content.row_sets import (
    ITEM,
    MACHINE,
    PROJECT,
    CellKind,
    RowColumn,
    Rows,
    person,
    person_columns,
)

_ID = RowColumn("id", "f.id", CellKind.CELL)
_MACHINE = (RowColumn("equipment_id", "f.equipment_id"), RowColumn("equipment_name", "machine.name", CellKind.CELL))
_ITEM = (RowColumn("item_id", "f.item_id"), RowColumn("item_name", "item.name", CellKind.CELL))
_PROJECT = (RowColumn("project_id", "f.project_id"), RowColumn("project_name", "project.name", CellKind.CELL))
_BY_MACHINE = {"equipmentIds": "f.equipment_id", "equipmentCategories": "machine.category"}
_BY_ITEM = {"itemIds": "f.item_id", "itemCategories": "item.category"}
_IN_PERIOD = "WHERE makerspace_id = $1 AND {0} >= $2 AND {0} < $3"

EVENTS = Rows(
    title="Events",
    stage="Reading events",
    table="usage_events",
    columns=(
        RowColumn("timestamp", "f.timestamp", CellKind.INSTANT),
        RowColumn("event_type", "f.event_type"),
        RowColumn("event_category", "f.event_category"),
        *person_columns("user_id", "user_id", "member_name"),
        *_MACHINE,
        *_ITEM,
        *_PROJECT,
        RowColumn("metadata", "f.metadata", CellKind.CELL, holds=Sensitive.PEOPLE),
        _ID,
    ),
    joins=(person("user_id"), MACHINE, ITEM, PROJECT),
    at="f.timestamp",
    order="f.timestamp, f.id",
    narrowed={"eventTypes": "f.event_type", **_BY_MACHINE, **_BY_ITEM},
    expected=f"SELECT sum(events) FROM event_hours {_IN_PERIOD.format('hour_start')}",  # noqa: S608
)

SESSIONS = Rows(
    title="Sessions",
    stage="Reading sessions",
    table="equipment_usage_logs",
    columns=(
        RowColumn("start_time", "f.start_time", CellKind.INSTANT),
        RowColumn("end_time", "f.end_time", CellKind.INSTANT),
        RowColumn("duration_minutes", "f.duration_minutes", CellKind.CELL),
        RowColumn("usage_type", "f.usage_type"),
        *_MACHINE,
        RowColumn("equipment_category", "machine.category"),
        *person_columns("user_id", "user_id", "member_name"),
        *_PROJECT,
        RowColumn("succeeded", "f.succeeded", CellKind.FLAG),
        RowColumn("energy_kwh", "f.energy_kwh", CellKind.NUMBER),
        RowColumn("materials_used", "f.materials_used", CellKind.CELL, holds=Sensitive.PEOPLE),
        _ID,
    ),
    joins=(MACHINE, person("user_id"), PROJECT),
    at="f.start_time",
    order="f.start_time, f.id",
    narrowed=_BY_MACHINE,
    expected=f"SELECT count(*) FROM equipment_usage_logs {_IN_PERIOD.format('start_time')}",  # noqa: S608
)

CONSUMPTION = Rows(
    title="Consumption",
    stage="Reading what was used up",
    table="inventory_analytics",
    columns=(
        RowColumn("date", "f.date", CellKind.DAY),
        *_ITEM,
        RowColumn("item_category", "item.category"),
        RowColumn("quantity_consumed", "f.quantity_consumed", CellKind.NUMBER),
        RowColumn("unit", "item.unit"),
        RowColumn("cost_consumed", "f.cost_consumed", CellKind.MONEY, holds=Sensitive.MONEY),
        RowColumn("waste_percentage", "f.waste_percentage", CellKind.NUMBER),
        RowColumn("efficiency_score", "f.efficiency_score", CellKind.NUMBER),
        RowColumn("reorder_triggered", "f.reorder_triggered", CellKind.FLAG),
        *person_columns("user_id", "user_id", "member_name"),
        *_PROJECT,
        _ID,
    ),
    joins=(ITEM, person("user_id"), PROJECT),
    at="f.date",
    order="f.date, f.id",
    narrowed=_BY_ITEM,
    expected=f"SELECT count(*) FROM inventory_analytics {_IN_PERIOD.format('date')}",  # noqa: S608
    by_day=True,
)

PAYMENTS = Rows(
    title="Payments",
    stage="Reading payments",
    table="revenue_analytics",
    columns=(
        RowColumn("transaction_date", "f.transaction_date", CellKind.DAY),
        RowColumn("transaction_id", "f.transaction_id"),
        RowColumn("line_id", "f.line_id"),
        RowColumn("revenue_source", "f.revenue_source"),
        RowColumn("payment_method", "f.payment_method"),
        RowColumn("amount", "f.amount", CellKind.MONEY, holds=Sensitive.MONEY),
        RowColumn("tax_amount", "f.tax_amount", CellKind.MONEY, holds=Sensitive.MONEY),
        RowColumn("currency", "f.currency"),
        *person_columns("customer_id", "customer_id", "customer_name"),
        *_MACHINE,
        RowColumn("is_recurring", "f.is_recurring", CellKind.FLAG),
        RowColumn("service_from", "f.service_from", CellKind.DAY),
        RowColumn("service_until", "f.service_until", CellKind.DAY),
        RowColumn("refund_of", "f.refund_of"),
    ),
    joins=(person("customer_id"), MACHINE),
    at="f.transaction_date",
    order="f.transaction_date, f.transaction_id, f.line_id",
    narrowed={"revenueSources": "f.revenue_source", **_BY_MACHINE},
    expected=f"SELECT count(*) FROM revenue_analytics {_IN_PERIOD.format('transaction_date')}",  # noqa: S608
    by_day=True,
)
