"""The I/O of reading: one transaction, opened when first needed, one statement after another over its connection."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from time import perf_counter
from typing import Any, Self

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.db import abandon, driver, sqlstate, translated
from makrcave_analytics.errors import TooExpensive

log = telemetry.logger(__name__)

_CANCELLED = "57014"


class ReadTransaction(ABC):
    """One snapshot of an operation. It opens when it is first used; once ended it stays ended."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._ended = False
        self.statements = 0
        """How many statements were sent."""

    @abstractmethod
    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        """Begin it in the database, to end with the stack, and read what is read first."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        """End it; after an error it is rolled back, and the connection thrown away where it must be."""
        self._ended, self._connection = True, None
        return await self._stack.__aexit__(*error)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend the connection to one user at a time. One that is cancelled in the middle of a statement is dropped.

        Raises: what `open` raises.
        """
        async with self._turn:
            connection = await self._open()
            try:
                yield connection
            except asyncio.CancelledError:
                await abandon(connection)
                raise

    async def open(self) -> None:
        """Begin it, where that has not been done.

        Raises: Unavailable while PostgreSQL is away; what reading what is read first raises; RuntimeError once it has
        ended: a task that outlived its operation would take a connection that nobody gives back.
        """
        async with self._turn:
            await self._open()

    async def fetch(self, statement: Select[Any]) -> list[Any]:
        """Return the rows of a SELECT, which names its tenant itself."""
        async with self.connection() as connection:
            self.statements += 1
            with _told():
                return list((await connection.execute(statement)).mappings())

    async def count(self, rows: Select[Any], most: int) -> int:
        """Count the rows of a SELECT, which names its tenant itself; from `most` on they are not looked at."""
        (row,) = await self.fetch(select(func.count().label("rows")).select_from(rows.limit(most).subquery()))
        return int(row["rows"])

    async def send(self, sql: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Return the rows of compiled SQL, by the driver alone."""
        async with self.connection() as connection:
            self.statements += 1
            started = perf_counter()
            with _told():
                rows: list[Any] = await (await driver(connection)).fetch(sql, *arguments)
            log.debug("statement", rows=len(rows), ms=round((perf_counter() - started) * 1000, 1))
            return rows

    async def close(self) -> None:
        """End it, after the statement that is under way. Idempotent."""
        self._ended = True
        async with self._turn:
            self._connection = None
            await self._stack.aclose()

    async def _open(self) -> AsyncConnection:
        if self._ended:
            raise RuntimeError("the snapshot has ended")
        if self._connection is None:
            async with AsyncExitStack() as stack:
                self._connection = await self._begin(stack)
                self._stack = stack.pop_all()
        return self._connection


@contextmanager
def _told() -> Iterator[None]:
    """Raise what clients see; a statement that ran out of its time would do so again, so nobody is told to retry."""
    try:
        yield
    except Exception as error:
        is_slow = sqlstate(error) == _CANCELLED
        told = TooExpensive("The answer took too long; please ask for less at once.") if is_slow else translated(error)
        if told is error:  # raised from itself, its causes would have no end
            raise
        raise told from error
