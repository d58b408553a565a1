"""The engines of a process, and transactions on them: one snapshot to read, or a write of one makerspace."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from typing import Protocol

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db.connection import abandon, commit, driver, roll_back
from makrcave_analytics.db.failures import is_away, translated
from makrcave_analytics.errors import AnalyticsError


class Role(StrEnum):
    """The database roles of the processes. They own no table; the owner is the login that migrates."""

    WRITER = "makrcave_writer"
    READER = "makrcave_reader"
    SYSTEM = "makrcave_system"
    """Sees all makerspaces: finds work, lists makerspaces, serves the network. Not for the rows of one makerspace."""


READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"


class Reads(Protocol):
    """Opens snapshots of one makerspace: the database, or the sample fallback."""

    def read(
        self, makerspace: MakerspaceId, *, seconds: float | None = None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open one snapshot of one makerspace."""


class Database:
    """The engines of one process. `read_url` may be a replica's; None: reads use `url` too."""

    def __init__(
        self, url: str, read_url: str | None = None, *, pool_size: int = 16, statement_seconds: float = 4
    ) -> None:
        self._url = _asyncpg_url(url)
        self._read_url = _asyncpg_url(read_url) if read_url else self._url
        self._pool_size = pool_size
        self._statement_seconds = statement_seconds
        self._engines: dict[Role, AsyncEngine] = {}
        self.on_write: list[Callable[[MakerspaceId], None]] = []
        """Called with the makerspace after each committed write of this process. Other processes write unnoticed."""

    def engine(self, role: Role) -> AsyncEngine:
        """Return the engine whose connections act as `role`. It is in autocommit: transactions are opened by hand."""
        if role not in self._engines:
            self._engines[role] = create_async_engine(
                self._read_url if role is Role.READER else self._url,
                isolation_level="AUTOCOMMIT",
                pool_size=self._pool_size,
                max_overflow=0,
                pool_timeout=5,
                connect_args={
                    "timeout": 5,
                    # No limit: the longest statements have many branches and gain most from a kept plan.
                    "max_cacheable_statement_size": 0,
                    "server_settings": {"role": role.value, "application_name": role.value, "timezone": "UTC"},
                },
            )
        return self._engines[role]

    @asynccontextmanager
    async def read(self, makerspace: MakerspaceId, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of one makerspace; each statement may take `seconds`, None: `statement_seconds`.

        Raises: Unavailable while PostgreSQL is away.
        """
        async with self._transaction(
            Role.READER, READ, _settings(makerspace, seconds or self._statement_seconds, custom_plans=True)
        ) as connection:
            yield connection

    @asynccontextmanager
    async def write(
        self, makerspace: MakerspaceId, *, seconds: float = 10, custom_plans: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that changes one makerspace. It commits when the block ends without error.

        `custom_plans`: PostgreSQL plans each statement for its parameters instead of reusing a generic plan.

        Raises: Unavailable while PostgreSQL is away; Uncertain if it went away during COMMIT.
        """
        async with self._transaction(
            Role.WRITER, WRITE, _settings(makerspace, seconds, custom_plans=custom_plans)
        ) as connection:
            yield connection
        for notify in self.on_write:
            notify(makerspace)

    @asynccontextmanager
    async def across(self, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one read-only snapshot over all makerspaces; each statement may take as long as in `read`.

        Raises: Unavailable while PostgreSQL is away.
        """
        async with self._transaction(
            Role.SYSTEM, READ, _settings(None, seconds or self._statement_seconds, custom_plans=True)
        ) as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            await engine.dispose()

    @asynccontextmanager
    async def _transaction(self, role: Role, begin: str, settings: str) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await self._begin(role, f"{begin}; {settings}")
        except Exception as error:
            shown = translated(error)
            if shown is error:  # raised from itself it would be its own cause, and a walk over causes would not end
                raise
            raise shown from error
        try:
            yield connection
            if not connection.invalidated:  # else a statement was cancelled, and PostgreSQL rolls back
                await commit(connection)
        except AnalyticsError:
            await roll_back(connection)
            raise
        except Exception as error:
            await roll_back(connection)
            shown = translated(error)
            if shown is error:
                raise
            raise shown from error
        except BaseException:  # cancelled in the middle of a statement: the connection's state is unknown
            await abandon(connection)
            raise
        finally:
            await asyncio.shield(connection.close())

    async def _begin(self, role: Role, statement: str) -> AsyncConnection:
        """Open a transaction. A connection that died in the pool is replaced once: a repeated BEGIN changes nothing."""
        for attempt in (1, 2):
            connection = await self.engine(role).connect()
            try:
                await (await driver(connection)).execute(statement)
            except BaseException as error:
                await asyncio.shield(connection.invalidate())
                await asyncio.shield(connection.close())
                if attempt == 1 and isinstance(error, Exception) and is_away(error):
                    await self.engine(role).dispose()  # the other connections of the pool died with it
                    continue
                raise
            return connection
        raise AssertionError("unreachable")


def _settings(makerspace: MakerspaceId | None, seconds: float, *, custom_plans: bool = False) -> str:
    """Return the SET LOCALs of a transaction. SET takes no parameters; the id is a validated UUID."""
    # JIT compiles a statement of many branches longer than it runs: 17 s of 18 with Debian's default settings.
    settings = [f"statement_timeout = {int(seconds * 1000)}", "jit = off"]
    if makerspace is not None:
        settings.append(f"app.makerspace_id = '{makerspace.value}'")
    if custom_plans:
        settings.append("plan_cache_mode = force_custom_plan")
    return "; ".join(f"SET LOCAL {each}" for each in settings)


def _asyncpg_url(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+asyncpg")
