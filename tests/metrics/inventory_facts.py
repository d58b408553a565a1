"""Consumption and stock from the raw rows, for the oracles."""

from uuid import UUID

import asyncpg
import polars as pl
from tests.metrics.payments import WHOLE


async def read_consumption(connection: asyncpg.Connection, makerspace_id: UUID) -> pl.DataFrame:
    """Read every row with the columns of its item, numbers as whole ones."""
    rows = await connection.fetch(
        """
        SELECT u.date, u.item_id AS "ITEM", i.category AS "ITEM_CATEGORY", i.supplier_type AS "SUPPLIER_TYPE",
               u.user_id AS "MEMBER", u.project_id AS "PROJECT", coalesce(i.unit, '') AS unit, u.reorder_triggered,
               (u.quantity_consumed * 1000000)::bigint AS quantity, (u.cost_consumed * 10000)::bigint AS cost,
               (u.waste_percentage * 1000000)::bigint AS waste, (u.efficiency_score * 1000000)::bigint AS efficiency
        FROM inventory_analytics u
        LEFT JOIN inventory_items i ON i.makerspace_id = u.makerspace_id AND i.item_id = u.item_id
        WHERE u.makerspace_id = $1 AND u.voided_at IS NULL
        """,
        makerspace_id,
    )
    whole = dict.fromkeys(("quantity", "cost", "waste", "efficiency"), WHOLE)
    return pl.DataFrame([dict(row) for row in rows], schema_overrides=whole, infer_schema_length=None)


async def read_items(connection: asyncpg.Connection, makerspace_id: UUID) -> pl.DataFrame:
    """Read the items and their stock."""
    rows = await connection.fetch(
        """
        SELECT category AS "ITEM_CATEGORY", supplier_type AS "SUPPLIER_TYPE", on_hand <= reorder_point AS is_low,
               coalesce(on_hand * unit_cost, 0) AS value
        FROM inventory_items WHERE makerspace_id = $1
        """,
        makerspace_id,
    )
    return pl.DataFrame([dict(row) for row in rows], schema_overrides={"value": pl.Object}, infer_schema_length=None)
