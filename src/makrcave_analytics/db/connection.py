"""What is done on asyncpg's own connection: commit, roll back, abandon. SQLAlchemy runs in autocommit above it."""

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.db.failures import is_away, sqlstate, was_rolled_back
from makrcave_analytics.errors import Uncertain

log = telemetry.logger(__name__)

_COMMIT_SECONDS = 10


async def driver(connection: AsyncConnection) -> Any:
    """Return asyncpg's connection: for COPY, for several statements in one message, and where calls are costly."""
    return (await connection.get_raw_connection()).driver_connection


async def abandon(connection: AsyncConnection) -> None:
    """Drop a connection in the middle of a statement, without waiting for the server. Idempotent."""
    if not connection.invalidated:
        (await driver(connection)).terminate()
        await asyncio.shield(connection.invalidate())


async def commit(connection: AsyncConnection) -> None:
    """Commit.

    Raises:
        Uncertain: no answer came, so the outcome is not known. A rollback that PostgreSQL reports is raised as it is.
    """
    try:
        await (await driver(connection)).execute("COMMIT", timeout=_COMMIT_SECONDS)
    except Exception as error:
        if not is_away(error) or was_rolled_back(error):
            raise
        log.warning("no answer to COMMIT", error=repr(error), sqlstate=sqlstate(error))
        raise Uncertain(
            "The database went away in the middle: whether anything was changed is not known. Please try again; "
            "what has an id counts once."
        ) from error


async def roll_back(connection: AsyncConnection) -> None:
    """Roll back; if that fails too, discard the connection."""
    try:
        await asyncio.shield((await driver(connection)).execute("ROLLBACK"))
    except Exception as error:  # noqa: BLE001 - the caller raises the first error
        log.info("connection discarded", error=repr(error))
        await connection.invalidate()
