"""Inventory metrics: consumption, waste and stock. Costs are in the makerspace's own currency."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from sqlalchemy import func

from makrcave_analytics.metrics.metric import Level, Measure, Metric, Ratio, Raw, divide
from makrcave_analytics.metrics.sources.consumption import CONSUMPTION
from makrcave_analytics.metrics.sources.stock import STOCK
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

_used = partial(Measure, section=Section.INVENTORY, finest=Grain.DAY, source=CONSUMPTION)
_money = partial(_used, unit=Unit.MONEY, is_exact=True)
_share = partial(Ratio, section=Section.INVENTORY, finest=Grain.DAY, unit=Unit.PERCENT)
_level = partial(Level, section=Section.INVENTORY, finest=Grain.DAY, source=STOCK, is_as_of=True)
_OF_ITEM = (Dimension.ITEM, Dimension.ITEM_CATEGORY)
_AS_OF = "It stands at a moment, so that days do not add up, and is unknown for days whose closing was not kept."


@dataclass(frozen=True, kw_only=True)
class OfOneUnit(Metric):
    """A quantity that is undefined over items of different units, as kilograms and pieces do not add up."""

    quantity: Measure
    units: Measure
    has_units: bool = True

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The quantity, and the number of different units."""
        return self.quantity, self.units

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the quantity; None over several units."""
        quantity, units = values
        return None if (units or 0) > 1 else divide(quantity or 0, 1).normalize() + 0


quantity_consumed = OfOneUnit(
    key="quantityConsumed",
    section=Section.INVENTORY,
    label="Quantity consumed",
    description="How much was used up, in the unit of the items. Items of different units do not add up: over them "
    "it is unknown; ask by item. Items whose unit nobody said count as of one unit more. Rows have a date and no "
    "time: a day that a comparison is cut within counts whole.",
    formula="sum of quantities, over items of one unit",
    unit=Unit.QUANTITY,
    better_when=Polarity.NEITHER,
    is_additive=True,
    dimensions=(*_OF_ITEM, Dimension.MEMBER, Dimension.PROJECT),
    finest=Grain.DAY,
    quantity=_used(
        key="quantity",
        label="Quantity",
        description="Quantities, whatever their unit.",
        formula="sum of quantities",
        unit=Unit.QUANTITY,
        total=lambda row: func.sum(row.quantity),
        is_exact=True,
    ),
    units=_used(
        key="units",
        label="Units",
        description="Different units.",
        formula="distinct units of items",
        unit=Unit.COUNT,
        total=lambda row: func.count(row.unit.distinct()),
    ),
)

cost_consumed = _money(
    key="costConsumed",
    label="Cost of consumption",
    description="What the things that were used up had cost.",
    formula="sum of costs",
    total=lambda row: func.sum(row.cost),
    better_when=Polarity.NEITHER,
    is_additive=True,
    dimensions=(*_OF_ITEM, Dimension.SUPPLIER_TYPE, Dimension.MEMBER, Dimension.PROJECT),
)

waste_cost = _money(
    key="wasteCost",
    label="Cost of waste",
    description="What the part that was wasted had cost, of rows that state their waste.",
    formula="sum of cost × waste percentage ÷ 100",
    total=lambda row: func.sum(row.waste_cost),
    better_when=Polarity.LOWER,
    is_additive=True,
    dimensions=_OF_ITEM,
)

waste_percentage = _share(
    key="wastePercentage",
    label="Waste",
    description="The part of the cost that was wasted, of rows that state their waste. As a ratio, its parts do not "
    "add up.",
    formula="wasteCost ÷ costConsumed of rows that state a waste × 100",
    numerator=waste_cost,
    denominator=_money(
        key="costOfStatedWaste",
        label="Cost with a stated waste",
        description="The cost of rows that state their waste.",
        formula="costConsumed of rows that state a waste",
        total=lambda row: func.sum(row.cost).filter(row.waste_percentage.is_not(None)),
    ),
    times=100,
    better_when=Polarity.LOWER,
    dimensions=_OF_ITEM,
)

efficiency = _share(
    key="efficiency",
    label="Efficiency",
    description="How well material was used: the efficiency that rows state, what cost more counting more. As a mean, "
    "its parts do not add up.",
    formula="sum of efficiency × cost ÷ sum of cost, of rows that state an efficiency",
    numerator=_money(
        key="weightedEfficiency",
        label="Weighted efficiency",
        description="Efficiency times cost.",
        formula="sum of efficiency × cost",
        total=lambda row: func.sum(row.weighted_efficiency),
    ),
    denominator=_money(
        key="costOfStatedEfficiency",
        label="Cost with a stated efficiency",
        description="The cost of rows that state an efficiency.",
        formula="costConsumed of rows that state an efficiency",
        total=lambda row: func.sum(row.cost).filter(row.efficiency.is_not(None)),
    ),
    dimensions=_OF_ITEM,
)

reorders_triggered = _used(
    key="reordersTriggered",
    label="Reorders triggered",
    description="How often taking something out made it due to be ordered again.",
    formula="rows that triggered a reorder",
    unit=Unit.COUNT,
    total=lambda row: func.nullif(func.count().filter(row.reorder), 0),
    better_when=Polarity.NEITHER,
    is_additive=True,
    dimensions=(Dimension.ITEM,),
)

low_stock_items = _level(
    key="lowStockItems",
    label="Items low in stock",
    description=f"Items of which no more is on hand than the point at which to reorder, as last synced. {_AS_OF}",
    formula="items with on hand ≤ reorder point",
    unit=Unit.COUNT,
    total=lambda row: func.sum(row.low),
    better_when=Polarity.LOWER,
    dimensions=(Dimension.ITEM_CATEGORY,),
)

stock_value = _level(
    key="stockValue",
    label="Stock value",
    description=f"What the stock on hand is worth, as last synced. {_AS_OF}",
    formula="sum of on hand × unit cost",
    unit=Unit.MONEY,
    total=lambda row: func.sum(row.value),
    is_exact=True,
    better_when=Polarity.NEITHER,
    dimensions=(Dimension.ITEM_CATEGORY, Dimension.SUPPLIER_TYPE),
)
