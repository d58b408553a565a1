"""Items of the stock, each with its own numbers."""

from datetime import date
from typing import Any

import strawberry
from strawberry.tools import create_type

from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.resolvers.metrics import items, lists
from makrcave_analytics.resolvers.metrics.items import ItemOrder
from makrcave_analytics.schema.common.connections import connection, listed, named
from makrcave_analytics.schema.common.fields import optional
from makrcave_analytics.schema.entities.things import InventoryItem
from makrcave_analytics.schema.metrics.metric import fields_of

strawberry.enum(
    ItemOrder,
    description="What items are ordered by; those without a value last. NAME ascending where nothing else is asked, "
    "others descending. WASTE is wastePercentage.",
)


@strawberry.input(description="Which items; each field that is given narrows them further, an empty list does not.")
class ItemFilter(items.ItemFilter):
    """Filter of items."""

    ids: list[strawberry.ID] | None = optional("Any of these; at most 100.")
    search: str | None = optional("A part of the name or the id, in any case.")
    category: str | None = optional("The category, as synced.")
    supplier_type: str | None = optional("Where it comes from, as synced.")
    is_low: bool | None = optional("Whether no more is on hand than the point at which to reorder.")


def _cover(name: str, attribute: str, description: str, type_: Any = float | None) -> Any:
    return named(name, type_, description, items.of_cover(attribute))


Item = create_type(
    "Item",
    [
        named("item", InventoryItem, "The item.", lists.thing(Entity.ITEM)),
        *fields_of((m for m in section_metrics(Section.INVENTORY) if Dimension.ITEM in m.dimensions), lists.alone),
        _cover(
            "dailyRate",
            "daily_rate",
            "Mean units a day of the last 28 complete days (since the item's first row, at least 7), never of the "
            "period asked. Null where none was ever used.",
        ),
        _cover(
            "daysOfCover",
            "days_of_cover",
            "Stock on hand over dailyRate; null where nothing is used or no stock is known.",
        ),
        _cover("stockOutOn", "stock_out_on", "The day on which it is used up at that rate.", date | None),
        _cover("isLow", "is_low", "Whether no more is on hand than the point at which to reorder.", bool),
    ],
    description="An item, and the section's numbers of it alone.",
)

FIELD = listed(
    "items",
    items.page,
    connection("Item", Item),
    ItemFilter,
    "One row an item, each number of it alone; those that nobody synced and that were used up too.",
)
