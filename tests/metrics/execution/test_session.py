"""What an operation reads through: a reading that was closed stays closed, and its connection is back in the pool."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import literal, select
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.db import Database, Role
from makrcave_analytics.metrics.execution.session import ReadSession


async def lent(database: Database) -> int:
    """How many connections of the readers are in use."""
    return database.engine(Role.READER).pool.checkedout()  # type: ignore[attr-defined,no-any-return]


async def until_somebody_waits_for_a_lock(owner: asyncpg.Connection) -> None:
    while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        await owner.execute("SELECT pg_sleep(0.001)")


async def test_a_reading_that_was_closed_is_not_opened_again_by_what_it_was_still_fetching(
    database: Database, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    reading = ReadSession(database, makerspace)
    async with owner.transaction():
        await owner.execute("LOCK TABLE makerspaces IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.ensure_future(reading.first_day())
        await until_somebody_waits_for_a_lock(owner)
        asked.cancel()  # as the deadline of an operation does; the loader has a task of its own
        await reading.close()
        assert await lent(database) == 0
    with pytest.raises(RuntimeError, match="has ended"):
        await reading.fetch(select(literal(1)))
    assert await lent(database) == 0


async def test_a_snapshot_that_was_closed_stays_closed(database: Database, make_makerspace: MakeMakerspace) -> None:
    reading = ReadSession(database, await make_makerspace())
    assert (await reading.snapshot.makerspace()).name == "Workshop"
    await reading.close()
    await reading.close()
    with pytest.raises(RuntimeError, match="has ended"):
        await reading.snapshot.makerspace()
    assert await lent(database) == 0
