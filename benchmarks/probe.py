"""The API with a record of its SQL, so that a bare connection can send the same statements."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any

import asyncpg
from pydantic import SecretStr
from sqlalchemy import event

from benchmarks.data import MAKERSPACE, NOW
from makrcave_analytics.auth import Viewer
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database, Role
from makrcave_analytics.queue import Queue
from makrcave_analytics.resolvers.common.context import Services
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.schema.engine.schema import SCHEMA


@dataclass
class Probe:
    """The API on a database, without HTTP, and the statements that it sent last."""

    database: Database
    sent: list[tuple[str, tuple[Any, ...], float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = Settings(_env_file=None, jwt_secret=SecretStr(secrets.token_urlsafe(48)))  # type: ignore[call-arg]
        services = Services(self.database, Keys.from_settings(settings), Queue(None), "http://bench", 1000)
        self._executor = Executor(SCHEMA, services, lambda: NOW, answer_within=600)
        engine = self.database.engine(Role.READER).sync_engine
        event.listen(engine, "connect", lambda connection, _: self._listen(connection.driver_connection))
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Run a document and return its data; an error fails the benchmark."""
        self.sent.clear()
        viewer = Viewer("bench", ("admin",), frozenset({MAKERSPACE}), NOW + timedelta(days=1))
        outcome = await self._executor.execute(Operation(document, variables, None, read_only=False), viewer)
        if "errors" in outcome.body:
            raise RuntimeError(outcome.body["errors"])
        return outcome.body["data"]

    @property
    def statements(self) -> list[tuple[str, tuple[Any, ...], float]]:
        """The last statements without BEGIN and COMMIT: SQL, arguments, seconds."""
        return [sent for sent in self.sent if not sent[0].startswith(("BEGIN", "COMMIT", "ROLLBACK"))]

    def _before(self, _: Any, __: Any, ___: Any, ____: Any, context: Any, _____: Any) -> None:
        context.sent_at = perf_counter()

    def _after(self, _: Any, __: Any, sql: str, arguments: tuple[Any, ...], context: Any, ___: Any) -> None:
        self.sent.append((sql, arguments, perf_counter() - context.sent_at))

    def _listen(self, connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda query: self.sent.append((query.query, tuple(query.args), query.elapsed)))


async def replay(connection: asyncpg.Connection, statements: list[tuple[str, tuple[Any, ...], float]]) -> None:
    """Send the statements in turn over one bare connection, in one snapshot of the same makerspace."""
    await connection.execute(
        f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL app.makerspace_id = '{MAKERSPACE}'"
    )
    for sql, arguments, _ in statements:
        await connection.fetch(sql, *arguments)
    await connection.execute("COMMIT")
