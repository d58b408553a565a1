"""A write that is cancelled or aborted changes nothing, and no write reaches another makerspace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from makrcave_analytics.db import sqlstate
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.locking import ATTEMPTS, retry_conflicts
from makrcave_analytics.recording.rollups.verify import verify_rollups

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def batch() -> list[UsageEventInput]:
    return [UsageEventInput("check_in", id=f"e{n}", user_id=f"u{n % 7}") for n in range(50)]


@asynccontextmanager
async def holding(url: str, statement: str) -> AsyncIterator[asyncpg.Connection]:
    """Lock the rows of a statement in another session."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield connection
    finally:
        await connection.close()


async def until_one_waits(owner: asyncpg.Connection) -> None:
    while not await owner.fetchval(WAITING):
        await owner.execute("SELECT pg_sleep(0.001)")


async def is_unchanged(owner: asyncpg.Connection) -> bool:
    for table in ("usage_events", "members", "event_hours", "member_presence", "freshness"):
        if await owner.fetchval(f"SELECT count(*) FROM {table}"):
            return False
    return bool(await owner.fetchval("SELECT data_version = 0 AND section_versions = '{}' FROM makerspaces"))


async def test_a_write_cancelled_while_it_waits_for_the_lock_changes_nothing(
    record, make_makerspace, migrated_url, owner, database
) -> None:
    makerspace = await make_makerspace()
    async with holding(migrated_url, "SELECT FROM makerspaces FOR UPDATE"):
        task = asyncio.create_task(record(makerspace, batch()))
        await until_one_waits(owner)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await is_unchanged(owner)
    assert (await record(makerspace, batch())).recorded == 50
    assert await verify_rollups(database, makerspace) == []


async def test_a_write_cancelled_during_the_insert_changes_nothing(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    tasks: list[asyncio.Task[object]] = []

    def cut(makerspace_id: UUID, user_id: str) -> str:
        """Called between the lock and the insert: the next await, which is the insert's, is cancelled."""
        tasks[0].cancel()
        return user_id

    tasks.append(asyncio.create_task(record(makerspace, batch(), pseudonym=cut)))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await is_unchanged(owner)
    assert (await record(makerspace, batch())).data_version == 1
    assert await verify_rollups(database, makerspace) == []


async def test_a_session_that_postgresql_terminates_changes_nothing(
    record, make_makerspace, migrated_url, owner
) -> None:
    makerspace = await make_makerspace()
    async with holding(migrated_url, "SELECT FROM makerspaces FOR UPDATE"):
        task = asyncio.create_task(record(makerspace, batch()))
        await until_one_waits(owner)
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'makrcave_writer'"
        )
        with pytest.raises(Unavailable):
            await task
    assert await is_unchanged(owner)
    assert (await record(makerspace, batch())).recorded == 50


async def test_the_victim_of_a_deadlock_is_retried(record, make_makerspace, migrated_url, owner, database, now) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [UsageEventInput("login", user_id="u0")])
    # The other session holds a member's row and wants the makerspace's, which the write has: and it waits for longer.
    async with holding(migrated_url, "SET LOCAL deadlock_timeout = '1min'; SELECT FROM members FOR UPDATE") as other:
        earlier = [UsageEventInput("login", user_id="u0", timestamp=datetime(2026, 1, 1, tzinfo=now.tzinfo))]
        tries: list[str] = []
        task = asyncio.create_task(record(makerspace, earlier, pseudonym=lambda _, user: tries.append(user) or user))
        await until_one_waits(owner)
        await other.execute("UPDATE makerspaces SET name = 'Other'")
    assert ((await task).data_version, tries) == (2, ["u0", "u0"])
    assert await verify_rollups(database, makerspace) == []


async def test_retries_are_limited_and_other_errors_are_not_retried() -> None:
    tries = []

    async def fail(cause: Exception) -> None:
        tries.append(cause)
        raise Unavailable("away") from cause

    for cause, count in ((asyncpg.SerializationError("x"), ATTEMPTS), (asyncpg.AdminShutdownError("x"), 1)):
        tries.clear()
        with pytest.raises(Unavailable):
            await retry_conflicts(lambda cause=cause: fail(cause))
        assert len(tries) == count


async def test_an_error_raised_while_another_is_handled_is_kept(make_makerspace, database) -> None:
    makerspace = await make_makerspace()

    async def fail(error: Exception) -> None:
        async with database.write(makerspace):
            raise error

    async def fail_twice() -> None:
        try:
            await fail(ValueError())
        except ValueError:
            await fail(ArithmeticError())

    with pytest.raises(ArithmeticError):
        await fail_twice()


async def test_a_write_reads_and_writes_nothing_of_another_makerspace(record, make_makerspace, database, owner) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    await record(there, batch())
    tables = ("usage_events", "members", "event_hours", "member_presence", "freshness", "makerspaces")
    async with database.write(here) as connection:
        for table in tables:
            column = "id" if table == "makerspaces" else "makerspace_id"
            seen = f"SELECT count(*) FROM {table} WHERE {column} = :there"
            assert await connection.scalar(text(seen), {"there": there.value}) == 0
            gone = await connection.execute(
                text(f"DELETE FROM {table} WHERE {column} = :there"), {"there": there.value}
            )
            assert gone.rowcount == 0
    with pytest.raises(Exception, match="row-level security") as refused:
        async with database.write(here) as connection:
            await connection.execute(
                text(
                    "INSERT INTO usage_events (makerspace_id, id, event_type, event_category, timestamp) "
                    "VALUES (:there, gen_random_uuid(), 'login', 'x', now())"
                ),
                {"there": there.value},
            )
    assert sqlstate(refused.value) == "42501"
    assert await owner.fetchval("SELECT sum(events) FROM event_hours") == 50
    assert await verify_rollups(database, there) == []
