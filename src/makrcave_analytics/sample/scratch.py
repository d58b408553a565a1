"""Bulk inserts, and the temporary tables and functions that the large statements draw from.

The tables end with the transaction, the functions with the connection. Knows no subject.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]

# Random numbers computed by the database: the same number and purpose always give the same draw. hashint8extended
# folds its number to 32 bits, so the numbers of one purpose must lie within 2³² of each other.
_DRAW = """
    CREATE OR REPLACE FUNCTION pg_temp.draw(number bigint, purpose bigint) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((hashint8extended(number, purpose) >> 11) & 9007199254740991) / 9007199254740992::double precision
"""
# A UUID of version 7: it is ordered by time, so that the largest index grows at its end.
_ID_AT = """
    CREATE OR REPLACE FUNCTION pg_temp.id_at(at timestamptz, number bigint) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(
        int8send(((date_part('epoch', at) * 1000)::bigint << 16) | 28672 | (hashint8extended(number, 1) & 4095))
        || int8send((hashint8extended(number, 2) & 4611686018427387903) | (-9223372036854775808)), 'hex')::uuid
"""


async def prepare(connection: AsyncConnection) -> None:
    """Create the functions of the large statements, and turn JIT off, which would take longer than it saves."""
    await connection.execute(text("SET LOCAL jit = off"))
    await connection.execute(text("SET LOCAL work_mem = '64MB'"))
    for function in (_DRAW, _ID_AT):
        await connection.execute(text(function))


async def copy(connection: AsyncConnection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows to a table. All have the same columns; other columns get their defaults."""
    listed = list(rows)
    if listed:
        columns = list(listed[0])
        await _copy(connection, table.name, columns, [[row[column] for column in columns] for row in listed])


async def scratch_tables(
    connection: AsyncConnection, name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Create a temporary table from column → type, with rows in that order of columns."""
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    await connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({declared}) ON COMMIT DROP"))
    await _copy(connection, name, list(columns), list(rows))
    await connection.execute(text(f"ANALYZE {name}"))


async def _copy(connection: AsyncConnection, table: str, columns: list[str], rows: list[Sequence[Any]]) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table, columns=columns, records=rows)
