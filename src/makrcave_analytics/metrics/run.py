"""The I/O of metrics: one snapshot of one makerspace, read one statement after another over one connection.

The first statement reads the makerspace with its data_version, which is thereby the version of all that follows.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from time import perf_counter
from typing import Any, Self

from sqlalchemy import Date, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Reads, driver, translated
from makrcave_analytics.errors import NotFound
from makrcave_analytics.metrics.compile import compile_asks
from makrcave_analytics.metrics.query import Answer, Ask
from makrcave_analytics.models import (
    equipment_usage_logs,
    event_hours,
    inventory_analytics,
    makerspaces,
    revenue_analytics,
)
from makrcave_analytics.models.makerspace import Makerspace, makerspace_from, select_makerspace

log = telemetry.logger(__name__)


class Snapshot:
    """One operation's view of one makerspace: a transaction opened when first needed, closed by `close`."""

    def __init__(self, database: Reads, makerspace_id: MakerspaceId, *, seconds: float | None = None) -> None:
        """Each statement may take `seconds`, or as long as is usual."""
        self._database = database
        self._id = makerspace_id
        self._seconds = seconds
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._makerspace: Makerspace | None = None
        self.statements = 0
        """How many statements were sent, that of the makerspace included."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        """End the transaction; after an error it is rolled back, and the connection thrown away where it must be."""
        self._connection = self._makerspace = None
        return await self._stack.__aexit__(*error)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend the connection, for what is no SELECT of a few rows; nothing else is read meanwhile."""
        async with self._turn:
            yield await self._open()

    async def makerspace(self) -> Makerspace:
        """Return the makerspace as of this snapshot.

        Raises: NotFound where it does not exist; Unavailable while PostgreSQL is away.
        """
        async with self._turn:
            await self._open()
        assert self._makerspace is not None  # noqa: S101 - for the type checker: _open sets it or raises
        return self._makerspace

    async def answer(self, asks: Iterable[Ask]) -> dict[Ask, Answer]:
        """Answer asks, one statement a source."""
        makerspace = await self.makerspace()
        answers: dict[Ask, Answer] = {}
        for statement in compile_asks(asks, makerspace.id, makerspace.time_zone):
            rows = await self._send(statement.sql, statement.arguments)
            answers |= statement.answers(rows)
        return answers

    async def fetch(self, statement: Select[Any]) -> list[Any]:
        """Return the rows of a SELECT, which names its tenant itself."""
        async with self._turn:
            connection = await self._open()
            self.statements += 1
            try:
                return list((await connection.execute(statement)).mappings())
            except Exception as error:
                raise translated(error) from error

    async def first_day(self) -> date | None:
        """Return the local day of the first fact; None where there is none."""
        makerspace = await self.makerspace()
        rows = await self.fetch(_select_first_day(makerspace))
        day: date | None = rows[0]["day"]
        return day

    async def close(self) -> None:
        """End the transaction; the next use opens a new one, which sees what was written since."""
        async with self._turn:
            self._connection = self._makerspace = None
            await self._stack.aclose()

    async def _send(self, sql: str, arguments: tuple[Any, ...]) -> list[Any]:
        async with self._turn:
            connection = await self._open()
            self.statements += 1
            started = perf_counter()
            try:
                rows: list[Any] = await (await driver(connection)).fetch(sql, *arguments)
            except Exception as error:
                raise translated(error) from error
            log.debug("statement", rows=len(rows), ms=round((perf_counter() - started) * 1000, 1))
            return rows

    async def _open(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self._stack.enter_async_context(
                self._database.read(self._id, seconds=self._seconds)
            )
            self.statements += 1
            found = await self._connection.execute(select_makerspace().where(makerspaces.c.id == self._id.value))
            row = found.mappings().one_or_none()
            if row is None:
                raise NotFound("No such makerspace.")
            self._makerspace = makerspace_from(row)
        return self._connection


def _select_first_day(makerspace: Makerspace) -> Select[Any]:
    """Select the local day of the first fact of any kind: a look into an index each."""
    begun = cast(func.timezone(makerspace.time_zone, func.min(equipment_usage_logs.c.start_time)), Date)
    firsts = (
        select(func.min(event_hours.c.local_day)).where(event_hours.c.makerspace_id == makerspace.id),
        *(
            select(first).where(table.c.makerspace_id == makerspace.id, table.c.voided_at.is_(None))
            for table, first in (
                (equipment_usage_logs, begun),
                (inventory_analytics, func.min(inventory_analytics.c.date)),
                (revenue_analytics, func.min(revenue_analytics.c.transaction_date)),
            )
        ),
    )
    return select(func.least(*(first.scalar_subquery() for first in firsts)).label("day"))
