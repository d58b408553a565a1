"""INVENTORY: consumption and its cost, waste, and what to reorder."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from makrcave_analytics.metrics.analyses.stock_cover import StockCover, select_stock_cover
from makrcave_analytics.metrics.catalog import inventory
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.names import Entity, InventoryItem, rows_from, select_rows
from makrcave_analytics.metrics.notes.common import UNITS
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit
from makrcave_analytics.period import local_day
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Value
from makrcave_analytics.reports.content.fact_rows import CONSUMPTION
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

SOON_DAYS = 14
"""Items are listed for reorder when their stock lasts no longer than this, or is at the reorder point."""
_ITEMS = 100
_OF_ITEM = (
    inventory.cost_consumed,
    inventory.quantity_consumed,
    inventory.waste_percentage,
    inventory.efficiency,
)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    context.money_note()
    whole, cost, items = await asyncio.gather(
        parts.totals(context, section_metrics(Section.INVENTORY)),
        parts.over_time(context, "Cost per", (inventory.cost_consumed,), parts.by_day(context.scope)),
        tables.breakdown(
            context,
            "Consumption by item",
            _OF_ITEM,
            Dimension.ITEM,
            _ITEMS,
            further={Column("unit", "Unit"): lambda item: item.unit},
        ),
    )
    categories, suppliers, reorder = await asyncio.gather(
        tables.breakdown(context, "By category", (*_OF_ITEM[:1], inventory.waste_cost), Dimension.ITEM_CATEGORY),
        tables.breakdown(context, "By supplier", (inventory.cost_consumed,), Dimension.SUPPLIER_TYPE),
        _reorder(context),
    )
    if whole and any(
        figure.key == inventory.quantity_consumed.key and figure.value is None for figure in whole.figures
    ):
        context.note(UNITS)
    return (
        document.Chapter("Inventory", parts.blocks(whole)),
        document.Chapter("Cost", parts.blocks(cost)),
        document.Chapter("Items", parts.blocks(items)),
        document.Chapter("Categories and suppliers", parts.blocks(categories, suppliers)),
        document.Chapter("To reorder", parts.blocks(reorder)),
    )


async def registry(context: ReportContext) -> list[InventoryItem]:
    """Return the items that the report is about, by name."""
    rows = rows_from(Entity.ITEM, await context.reading.snapshot.fetch(_select(context)))
    return sorted(rows, key=lambda row: (row.label.casefold(), row.id))


async def covers(context: ReportContext, ids: Sequence[str]) -> dict[str, StockCover]:
    """Return the stock cover of items by id."""
    today = local_day(context.scope.period.now, context.makerspace.calendar.zone)
    rows = await context.reading.snapshot.fetch(select_stock_cover(context.makerspace, today, ids))
    return {row["item_id"]: StockCover(today=today, **row) for row in rows}


def _select(context: ReportContext) -> Any:
    filters = context.report.filters or {}
    statement = select_rows(Entity.ITEM, context.makerspace.id)
    key, category = statement.selected_columns["id"], statement.selected_columns["category"]
    if "itemIds" in filters:
        statement = statement.where(key.in_(filters["itemIds"]))
    return statement.where(category.in_(filters["itemCategories"])) if "itemCategories" in filters else statement


async def _reorder(context: ReportContext) -> DocumentTable:
    """List items at their reorder point or soon used up, the soonest first."""
    items = await registry(context)
    found = await covers(context, [item.id for item in items])
    rows: list[tuple[Value, ...]] = []
    for item in items:
        cover = found[item.id]
        days = cover.days_of_cover
        if cover.is_low or (days is not None and days <= SOON_DAYS):
            rows.append((item.label, item.id, *stock_of(item, cover), "yes" if cover.is_low else "no"))
    rows.sort(key=lambda row: (row[6] is None, row[6] if isinstance(row[6], Decimal) else Decimal(0)))
    columns = (
        Column("item_name", "Item", is_wide=True),
        Column("item_id", "Id", is_wide=True),
        *STOCK_COLUMNS,
        Column("is_low", "Low"),
    )
    return DocumentTable(
        "To reorder",
        columns,
        rows,
        f"At their reorder point, or used up within {SOON_DAYS} days at the rate of the last 28.",
    )


STOCK_COLUMNS = (
    Column("unit", "Unit"),
    Column("on_hand", "On hand", Unit.QUANTITY),
    Column("reorder_point", "Reorder at", Unit.QUANTITY),
    Column("daily_rate", "Used a day", Unit.QUANTITY),
    Column("days_of_cover", "Lasts", Unit.DAYS),
    Column("stock_out_on", "Used up on"),
)


def stock_of(item: InventoryItem, cover: StockCover) -> tuple[Value, ...]:
    return item.unit, item.on_hand, item.reorder_point, cover.daily_rate, cover.days_of_cover, cover.stock_out_on


DEFINITION = ReportDefinition(
    type=ReportType.INVENTORY,
    title="Inventory",
    template=template,
    facts=CONSUMPTION,
)
