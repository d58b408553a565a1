"""EQUIPMENT_LIST and INVENTORY_LIST: machines and items as of now, one per row."""

from collections.abc import Sequence
from decimal import Decimal

from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.period import local
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Value
from makrcave_analytics.reports.content.templates import equipment, inventory
from makrcave_analytics.reports.vocabulary import ReportType

_SECONDS_PER_HOUR = 3600


async def machines(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the list of machines together."""
    context.money_note()
    return (document.Chapter("Machines", (await machine_list(context),)),)


async def items(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the list of items together."""
    context.money_note()
    return (document.Chapter("Items", (await item_list(context),)),)


async def machine_list(context: ReportContext) -> DocumentTable:
    """List the machines, by name."""
    found = await equipment.registry(context)
    due = await equipment.upkeep(context, [row.id for row in found])
    zone = context.makerspace.calendar.zone
    rows: list[tuple[Value, ...]] = []
    for row in found:
        kept = due[row.id]
        rows.append(
            (
                row.id,
                row.label,
                row.category,
                row.status.lower().replace("_", " "),
                row.hourly_rate if context.visibility.money else None,
                row.in_service_from,
                row.in_service_until,
                None if kept.last_at is None else local(kept.last_at, zone).date(),
                Decimal(kept.seconds) / _SECONDS_PER_HOUR,
                kept.due_on,
                kept.is_overdue,
            )
        )
    return DocumentTable("Machines", _MACHINE, rows)


async def item_list(context: ReportContext) -> DocumentTable:
    """List the items, by name."""
    found = await inventory.registry(context)
    covers = await inventory.covers(context, [row.id for row in found])
    rows: list[tuple[Value, ...]] = []
    for row in found:
        worth = None if row.on_hand is None or row.unit_cost is None else row.on_hand * row.unit_cost
        money = (row.unit_cost, worth) if context.visibility.money else (None, None)
        named = (row.id, row.label, row.category, row.supplier_type, row.location)
        rows.append((*named, *inventory.stock_of(row, covers[row.id]), *money, covers[row.id].is_low))
    return DocumentTable("Items", _ITEM, rows)


_MACHINE = (
    Column("equipment_id", "Id", is_wide=True),
    Column("equipment_name", "Machine", is_wide=True),
    Column("category", "Category", is_wide=True),
    Column("status", "Status", is_wide=True),
    Column("hourly_rate", "Hourly rate", Unit.MONEY),
    Column("in_service_from", "In service from"),
    Column("in_service_until", "Until"),
    Column("last_maintenance_on", "Last maintenance"),
    Column("hours_since", "Hours since", Unit.HOURS),
    Column("maintenance_due_on", "Due on"),
    Column("is_overdue", "Overdue"),
)
_ITEM = (
    Column("item_id", "Id", is_wide=True),
    Column("item_name", "Item", is_wide=True),
    Column("category", "Category", is_wide=True),
    Column("supplier_type", "Supplier", is_wide=True),
    Column("location", "Location", is_wide=True),
    *inventory.STOCK_COLUMNS,
    Column("unit_cost", "Unit cost", Unit.MONEY),
    Column("stock_value", "Stock value", Unit.MONEY),
    Column("is_low", "Low"),
)

EQUIPMENT_LIST = ReportDefinition(
    type=ReportType.EQUIPMENT_LIST,
    title="Equipment list",
    template=machines,
    listing=machine_list,
    narrowed_by=frozenset({"equipmentIds", "equipmentCategories"}),
    is_as_of_now=True,
)
INVENTORY_LIST = ReportDefinition(
    type=ReportType.INVENTORY_LIST,
    title="Inventory list",
    template=items,
    listing=item_list,
    narrowed_by=frozenset({"itemIds", "itemCategories"}),
    is_as_of_now=True,
)
