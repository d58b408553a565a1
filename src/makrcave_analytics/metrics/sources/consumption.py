"""The source of consumption: one row per item and withdrawal, on its date."""

from typing import Any

from sqlalchemy import FromClause, and_, func, literal_column, select

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import inventory_analytics, inventory_items

_used = inventory_analytics.c
_DIMENSIONS = {
    Dimension.ITEM: _used.item_id,
    Dimension.ITEM_CATEGORY: inventory_items.c.category,
    Dimension.SUPPLIER_TYPE: inventory_items.c.supplier_type,
    Dimension.MEMBER: _used.user_id,
    Dimension.PROJECT: _used.project_id,
}


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return every row with the unit of its item. An unknown unit is the empty text and counts as one more unit."""
    cost: Any = _used.cost_consumed
    item = and_(
        inventory_items.c.makerspace_id == _used.makerspace_id,
        inventory_items.c.makerspace_id == spans.makerspace_id,
        inventory_items.c.item_id == _used.item_id,
    )
    return (
        select(
            spans.c.span,
            *(_DIMENSIONS[dimension].label(dimension.value) for dimension in sorted(needed)),
            _used.quantity_consumed.label("quantity"),
            func.coalesce(inventory_items.c.unit, literal_column("''")).label("unit"),
            cost.label("cost"),
            _used.waste_percentage.label("waste_percentage"),
            (cost * _used.waste_percentage * literal_column("0.01")).label("waste_cost"),
            _used.efficiency_score.label("efficiency"),
            (cost * _used.efficiency_score).label("weighted_efficiency"),
            _used.reorder_triggered.label("reorder"),
        )
        .select_from(inventory_analytics)
        .outerjoin(inventory_items, item)
        .where(
            _used.makerspace_id == spans.makerspace_id,
            _used.voided_at.is_(None),
            _used.date >= spans.c.first_day,
            _used.date < spans.c.date_until,
        )
        .subquery()
    )


CONSUMPTION = Source(
    name="consumption",
    subject="stock",
    relations=(
        Relation(
            name="inventory_analytics",
            dimensions=frozenset(_DIMENSIONS),
            edges=("first_day", "date_until"),
            rows=_rows,
        ),
    ),
)
