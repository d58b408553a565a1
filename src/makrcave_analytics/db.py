"""Connections: engines by database role, and transactions that belong to one makerspace.

Row-level security is the second wall behind the compiler's own filter: each transaction says whose it is, in the
same message as its BEGIN, and sees nothing else. Nothing connects before the first transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from typing import Any, Protocol

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import AnalyticsError, Invalid, Unavailable, Uncertain

log = telemetry.logger(__name__)


class Role(StrEnum):
    """The database roles of the processes; they own nothing. The owner is the login that migrates."""

    WRITER = "makrcave_writer"
    READER = "makrcave_reader"
    SYSTEM = "makrcave_system"
    """Sees all makerspaces: finds work, lists makerspaces, serves the network. Never used for one tenant's rows."""


READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"

# What says that the server is away or out of means, not that the statement was wrong. Class 08: connection;
# 53: resources; 57: shutdown, start-up, a statement beyond its time; 58: the disk; 25006: a standby; 40: deadlock;
# 55P03: a lock beyond its time; 42P01 and 3D000: not migrated yet; 25P02: after any of these.
_AWAY = ("08", "53", "57", "58", "25006", "40", "55P03", "42P01", "3D000", "25P02")
_GIVEN_UP = "40"
_COMMIT_SECONDS = 10
_NOT_TEXT = ("22021", "22P05")
_AWAY_ERRORS = (OSError, TimeoutError, PoolTimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-character code of an error, where it has one."""
    original = getattr(error, "orig", error)
    state = getattr(original, "sqlstate", None) or getattr(original.__cause__, "sqlstate", None)
    return state if isinstance(state, str) else None


def is_away(error: BaseException) -> bool:
    """Say whether an error means that PostgreSQL cannot serve now, so that trying again later is right."""
    state = sqlstate(error)
    if state is not None:
        return state.startswith(_AWAY)
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return error.connection_invalidated or isinstance(cause, _AWAY_ERRORS)
    return isinstance(error, _AWAY_ERRORS)


def unavailable() -> Unavailable:
    """Return the one error that clients see while PostgreSQL is away."""
    return Unavailable("The database is not available at the moment. Nothing was changed; please try again.")


class Reads(Protocol):
    """Through what one makerspace is read: the database, or what stands in for it."""

    def read(
        self, makerspace: MakerspaceId, *, seconds: float | None = None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open one snapshot of one makerspace."""


class Database:
    """The engines of one process. `read_url` may be a replica's; None reads where it writes."""

    def __init__(
        self, url: str, read_url: str | None = None, *, pool_size: int = 16, statement_seconds: float = 4
    ) -> None:
        self._url = _asyncpg_url(url)
        self._read_url = _asyncpg_url(read_url) if read_url else self._url
        self._pool_size = pool_size
        self._statement_seconds = statement_seconds
        self._engines: dict[Role, AsyncEngine] = {}
        self.on_write: list[Callable[[MakerspaceId], None]] = []
        """Told of each write of this process once it has committed; a hint, as other processes write too."""

    def engine(self, role: Role) -> AsyncEngine:
        """Return the engine whose connections act as `role`. In autocommit: transactions are opened by hand."""
        if role not in self._engines:
            self._engines[role] = create_async_engine(
                self._read_url if role is Role.READER else self._url,
                isolation_level="AUTOCOMMIT",
                pool_size=self._pool_size,
                max_overflow=0,
                pool_timeout=5,
                connect_args={
                    "timeout": 5,
                    # A statement of many branches is long, and the more worth keeping as it was planned.
                    "max_cacheable_statement_size": 0,
                    "server_settings": {"role": role.value, "application_name": role.value, "timezone": "UTC"},
                },
            )
        return self._engines[role]

    @asynccontextmanager
    async def read(self, makerspace: MakerspaceId, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of one makerspace; each statement may take `seconds`, or as long as is usual.

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
        """Open a transaction that changes one makerspace; it has committed when the block is left without error.

        `custom_plans`: each statement gets a plan for what it is given, not the one that PostgreSQL keeps.

        Raises: Unavailable while PostgreSQL is away; Uncertain when it went away during COMMIT.
        """
        async with self._transaction(
            Role.WRITER, WRITE, _settings(makerspace, seconds, custom_plans=custom_plans)
        ) as connection:
            yield connection
        for tell in self.on_write:
            tell(makerspace)

    @asynccontextmanager
    async def across(self, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot over all makerspaces, to look only; each statement may take as long as in `read`.

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
            told = translated(error)
            if told is error:  # its own cause would be a circle: whoever follows causes would never end
                raise
            raise told from error
        try:
            yield connection
            if not connection.invalidated:  # a statement was cancelled: PostgreSQL has rolled back, or will
                await _commit(connection)
        except AnalyticsError:
            await _give_up(connection)
            raise
        except Exception as error:
            await _give_up(connection)
            told = translated(error)
            if told is error:
                raise
            raise told from error
        except BaseException:  # cancelled in the middle of a statement: the connection's state is not known
            await abandon(connection)
            raise
        finally:
            await asyncio.shield(connection.close())

    async def _begin(self, role: Role, statement: str) -> AsyncConnection:
        """Open a transaction; a connection that died in the pool is replaced, as BEGIN changes nothing."""
        for attempt in (1, 2):
            connection = await self.engine(role).connect()
            try:
                await (await driver(connection)).execute(statement)
            except BaseException as error:
                await asyncio.shield(connection.invalidate())
                await asyncio.shield(connection.close())
                if attempt == 1 and isinstance(error, Exception) and is_away(error):
                    await self.engine(role).dispose()  # the others of the pool died with it
                    continue
                raise
            return connection
        raise AssertionError("unreachable")


async def driver(connection: AsyncConnection) -> Any:
    """Return asyncpg's own connection: for COPY, for several statements in one message, and where calls count."""
    return (await connection.get_raw_connection()).driver_connection


async def abandon(connection: AsyncConnection) -> None:
    """Drop a connection in the middle of a statement, without waiting for the server. Idempotent."""
    if not connection.invalidated:
        (await driver(connection)).terminate()
        await asyncio.shield(connection.invalidate())


async def _commit(connection: AsyncConnection) -> None:
    """Commit.

    Raises: Uncertain where no answer came; what PostgreSQL said that it gave up was given up.
    """
    try:
        await (await driver(connection)).execute("COMMIT", timeout=_COMMIT_SECONDS)
    except Exception as error:
        if not is_away(error) or (sqlstate(error) or "").startswith(_GIVEN_UP):
            raise
        log.warning("no answer to COMMIT", error=repr(error), sqlstate=sqlstate(error))
        raise Uncertain(
            "The database went away in the middle: whether anything was changed is not known. Please try again; "
            "what has an id counts once."
        ) from error


async def _give_up(connection: AsyncConnection) -> None:
    """Roll back; where that fails too, the connection is thrown away."""
    try:
        await asyncio.shield((await driver(connection)).execute("ROLLBACK"))
    except Exception as error:  # noqa: BLE001 - the first error is the one to tell
        log.info("connection thrown away", error=repr(error))
        await connection.invalidate()


def translated(error: Exception) -> Exception:
    """Return what clients see of an error of PostgreSQL or of the way to it; any other error as it is."""
    if sqlstate(error) in _NOT_TEXT or any(isinstance(cause, UnicodeError) for cause in _causes(error)):
        return Invalid("A text holds a character that cannot be stored or searched for.")
    if not is_away(error):
        return error
    log.warning("database unavailable", error=repr(error), sqlstate=sqlstate(error))
    return unavailable()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Go through what an error came from, each once: an error may be its own cause."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _settings(makerspace: MakerspaceId | None, seconds: float, *, custom_plans: bool = False) -> str:
    """Return the SET LOCALs of a transaction. SET takes no parameters; the id is a validated UUID."""
    # Compiling costs more than running for statements of many branches: 17 s of 18 on a server as Debian installs it.
    settings = [f"statement_timeout = {int(seconds * 1000)}", "jit = off"]
    if makerspace is not None:
        settings.append(f"app.makerspace_id = '{makerspace.value}'")
    if custom_plans:
        settings.append("plan_cache_mode = force_custom_plan")
    return "; ".join(f"SET LOCAL {each}" for each in settings)


def _asyncpg_url(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+asyncpg")
