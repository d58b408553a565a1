"""The source of stock on hand: now from the items as last synced, the past from closing figures.

Closing figures are kept by section and metric: {"INVENTORY": {"lowStockItems": 3, "stockValue": "120.50"}}.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Select, case, cast, func, literal_column, select, union_all

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import analytics_snapshots, inventory_items

_item = inventory_items.c
_DIMENSIONS = {Dimension.ITEM_CATEGORY: _item.category, Dimension.SUPPLIER_TYPE: _item.supplier_type}
_ZERO: ColumnElement[Any] = literal_column("0")
_ONE: ColumnElement[Any] = literal_column("1")


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per item for spans that end after now, and one closing figure per past span."""
    now = _select_items(spans, needed)
    return now.subquery() if needed else union_all(now, _select_closing_figures(spans)).subquery()


def _select_items(spans: SpanTable, needed: frozenset[Dimension]) -> Select[Any]:
    is_low = _item.on_hand <= _item.reorder_point
    made: Select[Any] = select(
        spans.c.span,
        *(_DIMENSIONS[dimension].label(dimension.value) for dimension in sorted(needed)),
        cast(case((is_low, _ONE), else_=_ZERO), Numeric).label("low"),
        func.coalesce(cast(_item.on_hand, Numeric) * cast(_item.unit_cost, Numeric), _ZERO).label("value"),
    ).where(spans.c.until > spans.now)
    of_tenant = _item.makerspace_id == spans.makerspace_id
    # Without items the total is 0, which needs a row. A breakdown then has no slices.
    return made.join_from(spans.c.span.table, inventory_items, of_tenant, isouter=not needed)


def _select_closing_figures(spans: SpanTable) -> Select[Any]:
    kept = analytics_snapshots.c
    return select(spans.c.span, _figure("lowStockItems").label("low"), _figure("stockValue").label("value")).where(
        kept.makerspace_id == spans.makerspace_id,
        kept.grain == literal_column("'DAY'"),
        kept.start_date == spans.c.date_until - _ONE,
        spans.c.until <= spans.now,
    )


def _figure(key: str) -> ColumnElement[Any]:
    path: ColumnElement[Any] = literal_column(f"'{{INVENTORY,{key}}}'::text[]")
    return cast(analytics_snapshots.c.figures.op("#>>")(path), Numeric)


STOCK = Source(
    name="stock",
    subject="stock",
    relations=(
        Relation(name="inventory_items", dimensions=frozenset(_DIMENSIONS), edges=("until", "date_until"), rows=_rows),
    ),
)
