"""Projects from the raw rows, for the oracles."""

from uuid import UUID

import asyncpg
import polars as pl
from tests.metrics.payments import WHOLE

_INSTANTS = ("started_at", "completed_at", "cancelled_at")


async def read_projects(connection: asyncpg.Connection, makerspace_id: UUID) -> pl.DataFrame:
    """Read every project; costs in ten-thousandths."""
    rows = await connection.fetch(
        """
        SELECT project_id AS "PROJECT", status AS "PROJECT_STATUS", category AS "PROJECT_CATEGORY", started_at,
               completed_at, cancelled_at, (total_cost * 10000)::bigint AS cost, bom_items_count AS items,
               external_items_count AS external
        FROM project_analytics WHERE makerspace_id = $1
        """,
        makerspace_id,
    )
    types = {"cost": WHOLE, **dict.fromkeys(_INSTANTS, pl.Datetime("us", "UTC"))}
    return pl.DataFrame([dict(row) for row in rows], schema_overrides=types, infer_schema_length=None)
