"""ReadTransaction: opened on first use, it sends one statement after another over one connection."""

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
    """One database transaction of an operation. It opens on first use; once it has ended it cannot be opened again."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._ended = False
        self.statements = 0
        """The number of statements sent."""

    @abstractmethod
    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        """Begin the transaction in the database, to end with the stack, and send the first statement."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        """End the transaction. After an error it is rolled back, and the connection is dropped where it must be."""
        self._ended, self._connection = True, None
        return await self._stack.__aexit__(*error)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend the connection to one user at a time. It is dropped where the user is cancelled within a statement.

        Raises: the errors of `open`.
        """
        async with self._turn:
            connection = await self._open()
            try:
                yield connection
            except asyncio.CancelledError:
                await abandon(connection)
                raise

    async def open(self) -> None:
        """Begin the transaction where it has not begun.

        Raises: Unavailable while PostgreSQL cannot be reached; the errors of the first statement; RuntimeError after
        the end, because a task that outlived its operation would take a connection that is never given back.
        """
        async with self._turn:
            await self._open()

    async def fetch(self, statement: Select[Any]) -> list[Any]:
        """Return the rows of a SELECT, which filters by the tenant itself."""
        async with self.connection() as connection:
            self.statements += 1
            with _translated_errors():
                return list((await connection.execute(statement)).mappings())

    async def count(self, rows: Select[Any], most: int) -> int:
        """Count the rows of a SELECT, which filters by the tenant itself. Counting stops at `most`."""
        (row,) = await self.fetch(select(func.count().label("rows")).select_from(rows.limit(most).subquery()))
        return int(row["rows"])

    async def send(self, sql: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Return the rows of compiled SQL, sent by the driver without SQLAlchemy."""
        async with self.connection() as connection:
            self.statements += 1
            started = perf_counter()
            with _translated_errors():
                rows: list[Any] = await (await driver(connection)).fetch(sql, *arguments)
            log.debug("statement", rows=len(rows), ms=round((perf_counter() - started) * 1000, 1))
            return rows

    async def close(self) -> None:
        """End the transaction after the statement in progress. Idempotent."""
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
def _translated_errors() -> Iterator[None]:
    """Translate errors of the database into declared ones. A timeout becomes TooExpensive: a retry would fail too."""
    try:
        yield
    except Exception as error:
        is_slow = sqlstate(error) == _CANCELLED
        declared = (
            TooExpensive("The answer took too long; please ask for less at once.") if is_slow else translated(error)
        )
        if declared is error:  # raised from itself, its chain of causes would be endless
            raise
        raise declared from error
