"""Rows into tables in bulk, and the scratch tables and functions that the large statements draw from.

Scratch tables are gone with the transaction, the functions with the connection. Knows no subject.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]

# Chance that the database computes itself: the same number and purpose always give the same draw. hashint8extended
# folds its number to 32 bits, so numbers of one purpose must lie within 2³² of each other.
_DRAW = """
    CREATE OR REPLACE FUNCTION pg_temp.draw(number bigint, purpose bigint) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((hashint8extended(number, purpose) >> 11) & 9007199254740991) / 9007199254740992::double precision
"""
# A UUID of version 7: its order is that of time, which keeps the largest index from being written all over.
_ID_AT = """
    CREATE OR REPLACE FUNCTION pg_temp.id_at(at timestamptz, number bigint) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(
        int8send(((date_part('epoch', at) * 1000)::bigint << 16) | 28672 | (hashint8extended(number, 1) & 4095))
        || int8send((hashint8extended(number, 2) & 4611686018427387903) | (-9223372036854775808)), 'hex')::uuid
"""


async def prepare(connection: AsyncConnection) -> None:
    """Make the functions of the large statements, and see that a laptop's time is not spent on compiling them."""
    await connection.execute(text("SET LOCAL jit = off"))
    await connection.execute(text("SET LOCAL work_mem = '64MB'"))
    for function in (_DRAW, _ID_AT):
        await connection.execute(text(function))


async def copy(connection: AsyncConnection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows to a table. All have the same columns; others get their defaults."""
    listed = list(rows)
    if listed:
        columns = list(listed[0])
        await _copy(connection, table.name, columns, [[row[column] for column in columns] for row in listed])


async def scratch_tables(
    connection: AsyncConnection, name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Make a scratch table of name → type, with rows in that order of columns."""
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    await connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({declared}) ON COMMIT DROP"))
    await _copy(connection, name, list(columns), list(rows))
    await connection.execute(text(f"ANALYZE {name}"))


async def _copy(connection: AsyncConnection, table: str, columns: list[str], rows: list[Sequence[Any]]) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table, columns=columns, records=rows)
