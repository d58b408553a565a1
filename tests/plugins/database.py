"""A migrated database for each test, and makerspaces in it."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from tests.conftest import make_database

from makrcave_analytics import embedded, migration
from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database, Role


class MakeMakerspace(Protocol):
    """Inserts a makerspace and mints its id; `columns` are further ones of makerspaces."""

    async def __call__(self, zone: str = "Europe/Berlin", **columns: Any) -> MakerspaceId: ...


@pytest.fixture(scope="session")
def migrated(servers: embedded.Servers) -> str:
    """The name of a migrated database without connections: made once, copied by each test."""
    return make_database(servers.postgres.url, "migrated", "template1", migration.upgrade)


@pytest.fixture
def migrated_url(migrated: str, fresh_database: Callable[..., str]) -> str:
    """The owner's URL of a migrated database for this test."""
    return fresh_database(migrated)


@pytest_asyncio.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    made = Database(migrated_url, pool_size=4, statement_seconds=120)
    yield made
    await made.dispose()


@pytest_asyncio.fixture
async def owner(migrated_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner, who sees every makerspace's rows."""
    connection = await asyncpg.connect(migrated_url)
    yield connection
    await connection.close()


@pytest.fixture
def make_makerspace(owner: asyncpg.Connection) -> MakeMakerspace:
    async def make(zone: str = "Europe/Berlin", **columns: Any) -> MakerspaceId:
        row = {"id": uuid4(), "name": "Workshop", "time_zone": zone, "currency": "EUR"} | columns
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await owner.execute(f"INSERT INTO makerspaces ({', '.join(row)}) VALUES ({places})", *row.values())
        return mint(row["id"])

    return make


def mint(value: UUID) -> MakerspaceId:
    """Mint a makerspace's id; it need not exist."""
    return Viewer.system("a test").makerspace(value)


def connections_in_use(database: Database) -> dict[Role, int]:
    """Connections in use, by role; only roles with some."""
    counts = {role: database.engine(role).pool.checkedout() for role in Role}  # type: ignore[attr-defined]
    return {role: count for role, count in counts.items() if count}
