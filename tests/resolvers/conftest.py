"""Rows as a test writes them down, and the statements that an operation sends."""

from collections.abc import Iterator
from typing import Any, Protocol

import asyncpg
import pytest
from sqlalchemy import event

from makrcave_analytics.db import Database, Role
from makrcave_analytics.resolvers.common.context import Context


class Insert(Protocol):
    """Stores rows of a table as they are; all have the same columns."""

    async def __call__(self, table: str, *rows: dict[str, Any]) -> None: ...


@pytest.fixture
def insert(owner: asyncpg.Connection) -> Insert:
    async def store(table: str, *rows: dict[str, Any]) -> None:
        names = list(rows[0])
        places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
        await owner.executemany(statement, [[row[name] for name in names] for row in rows])

    return store


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """The SELECTs of rows that were sent, that of the makerspace included; clear it between two operations."""
    sent: list[str] = []

    def listen(_: Any, __: Any, statement: str, ___: Any, ____: Any, _____: Any) -> None:
        sent.append(statement)

    engine = database.engine(Role.READER).sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    yield sent
    event.remove(engine, "before_cursor_execute", listen)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements each operation read with, those of metrics and of the makerspace included."""
    found: list[int] = []
    close = Context.close

    async def counting(context: Context) -> None:
        await close(context)
        found.append(context.statements)

    monkeypatch.setattr(Context, "close", counting)
    return found
