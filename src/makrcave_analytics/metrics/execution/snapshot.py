"""Snapshots: the read transaction of one makerspace, and that of many at once.

The first statement reads the makerspaces with their data_version. It is the version of everything read afterwards.
"""

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import date
from uuid import UUID

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Uuid

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, Reads
from makrcave_analytics.metrics.compiler.network import MakerspaceQuery, compile_network
from makrcave_analytics.metrics.compiler.single import compile_asks
from makrcave_analytics.metrics.execution.transaction import ReadTransaction
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult
from makrcave_analytics.metrics.sources.sql.first_day import select_first_day
from makrcave_analytics.models import makerspaces
from makrcave_analytics.models.makerspace import Makerspace, makerspace_from, read_makerspace, select_makerspace


class MakerspaceSnapshot(ReadTransaction):
    """One operation's view of one makerspace."""

    def __init__(self, database: Reads, makerspace_id: MakerspaceId, *, seconds: float | None = None) -> None:
        """`seconds` is the timeout of each statement; None: the usual one."""
        super().__init__()
        self._seconds = seconds
        self._database = database
        self._id = makerspace_id
        self._makerspace: Makerspace | None = None

    async def makerspace(self) -> Makerspace:
        """Return the makerspace as of this snapshot.

        Raises: NotFound where it does not exist; Unavailable while PostgreSQL cannot be reached.
        """
        await self.open()
        assert self._makerspace is not None  # noqa: S101 - for the type checker: open sets it or raises
        return self._makerspace

    async def answer(self, asks: Iterable[MeasureQuery]) -> dict[MeasureQuery, MeasureResult]:
        """Answer questions, with one statement per subject."""
        makerspace = await self.makerspace()
        answers: dict[MeasureQuery, MeasureResult] = {}
        for statement in compile_asks(asks, makerspace.id, makerspace.time_zone):
            answers |= statement.answers(await self.send(statement.sql, statement.arguments))
        return answers

    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        connection = await stack.enter_async_context(self._database.read(self._id, seconds=self._seconds))
        self.statements += 1
        self._makerspace = await read_makerspace(connection, self._id)
        return connection


class NetworkSnapshot(ReadTransaction):
    """One operation's view of several makerspaces, read with the database role that sees all tenants."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def makerspaces(self, among: Iterable[MakerspaceId] | None) -> list[Makerspace]:
        """Return the makerspaces `among` some, or all for None, ordered by name."""
        statement = select_makerspace().order_by(makerspaces.c.name, makerspaces.c.id)
        if among is not None:
            ids = [makerspace.value for makerspace in among]
            statement = statement.where(makerspaces.c.id == any_(literal(ids, ARRAY(Uuid))))
        return [makerspace_from(row) for row in await self.fetch(statement)]

    async def first_days(self, among: Sequence[UUID]) -> dict[UUID, date | None]:
        """Return the local day of the first fact of each makerspace; None where there is none."""
        day = select_first_day(makerspaces.c.id, makerspaces.c.time_zone).label("day")
        of = makerspaces.c.id == any_(literal(list(among), ARRAY(Uuid)))
        return {row["id"]: row["day"] for row in await self.fetch(select(makerspaces.c.id, day).where(of))}

    async def answer(self, asked: Sequence[MakerspaceQuery]) -> dict[MakerspaceQuery, MeasureResult]:
        """Answer questions about makerspaces, with one statement per source."""
        answers: dict[MakerspaceQuery, MeasureResult] = {of: MeasureResult({}) for of in asked}
        for statement in compile_network(asked):
            answers |= statement.answers(await self.send(statement.sql, statement.arguments))
        return answers

    async def _begin(self, stack: AsyncExitStack) -> AsyncConnection:
        return await stack.enter_async_context(self._database.across())
