"""A read session that was closed stays closed, and its connection is back in the pool."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import literal, select
from tests.plugins.database import MakeMakerspace, connections_in_use

from makrcave_analytics.db import Database
from makrcave_analytics.metrics.execution.session import ReadSession


async def wait_for_a_blocked_statement(owner: asyncpg.Connection) -> None:
    while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        await owner.execute("SELECT pg_sleep(0.001)")


async def test_a_fetch_in_progress_does_not_open_a_closed_session_again(
    database: Database, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    reading = ReadSession(database, makerspace)
    async with owner.transaction():
        await owner.execute("LOCK TABLE makerspaces IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.ensure_future(reading.first_day())
        await wait_for_a_blocked_statement(owner)
        asked.cancel()  # as the deadline of an operation does; the task of the loader goes on
        await reading.close()
        assert connections_in_use(database) == {}
    with pytest.raises(RuntimeError, match="has ended"):
        await reading.fetch(select(literal(1)))
    assert connections_in_use(database) == {}


async def test_a_snapshot_that_was_closed_stays_closed(database: Database, make_makerspace: MakeMakerspace) -> None:
    reading = ReadSession(database, await make_makerspace())
    assert (await reading.snapshot.makerspace()).name == "Workshop"
    await reading.close()
    await reading.close()
    with pytest.raises(RuntimeError, match="has ended"):
        await reading.snapshot.makerspace()
    assert connections_in_use(database) == {}
