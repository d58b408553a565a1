"""Resolvers of the list of items: those synced, and those that a use of material names."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from makrcave_analytics.metrics.analyses.stock_cover import StockCover, select_stock_cover
from makrcave_analytics.metrics.catalog import inventory
from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import local
from makrcave_analytics.resolvers.common.paging import Page
from makrcave_analytics.resolvers.metrics.lists import EntityList, ListRow, Order, ThingFilter
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question


class ItemOrder(StrEnum):
    """Orders of items."""

    NAME = "NAME"
    QUANTITY_CONSUMED = "QUANTITY_CONSUMED"
    COST_CONSUMED = "COST_CONSUMED"
    WASTE = "WASTE"
    DAYS_OF_COVER = "DAYS_OF_COVER"


@dataclass
class ItemFilter(ThingFilter):
    """Filter of items."""

    category: str | None = None
    supplier_type: str | None = None
    is_low: bool | None = None


async def page(
    root: Question,
    filter: ItemFilter | None = None,  # noqa: A002 - the contract's name
    first: int = 50,
    after: str | None = None,
    order_by: ItemOrder = ItemOrder.COST_CONSUMED,
    descending: bool | None = None,
) -> Page[ListRow[StockCover]]:
    """Return a page of items."""
    return await ITEMS.page(root, filter, order_by, descending, first, after)


def of_cover(attribute: str) -> Callable[[ListRow[StockCover]], Awaitable[Any]]:
    """Make the resolver of an attribute of an item's stock cover."""

    async def resolve(root: ListRow[StockCover]) -> Any:
        value = getattr(await root.detail(), attribute)
        return as_float(value) if isinstance(value, Decimal) else value

    return resolve


async def _cover(root: Question, ids: Sequence[str]) -> Mapping[str, StockCover]:
    makerspace = root.scope.makerspace
    today = local(root.scope.period.now, makerspace.calendar.zone).date()
    rows = await root.reading.fetch(select_stock_cover(makerspace, today, ids))
    return {row["item_id"]: StockCover(today=today, **row) for row in rows}


_ORDERS: Mapping[StrEnum, Order[StockCover]] = {
    ItemOrder.NAME: Order(is_descending=False),
    ItemOrder.QUANTITY_CONSUMED: Order(inventory.quantity_consumed),
    ItemOrder.COST_CONSUMED: Order(inventory.cost_consumed),
    ItemOrder.WASTE: Order(inventory.waste_percentage),
    ItemOrder.DAYS_OF_COVER: Order(detail=lambda of: of.days_of_cover),
}
ITEMS = EntityList(
    name="items",
    entity=Entity.ITEM,
    dimension=Dimension.ITEM,
    orders=_ORDERS,
    details=_cover,
    flag=("is_low", lambda of: of.is_low),
)
