"""Whether the process lives, and whether it can work. Says up or down, never why: that is in the log."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from makrcave_analytics.telemetry import logger
from makrcave_analytics.web.responses import write

log = logger("web")

PATIENCE_SECONDS = 1.0

Check: TypeAlias = Callable[[], Awaitable[object]]
"""Asks a server for anything; returns where it answers, raises where it does not."""


class Health:
    """The two questions that whatever runs us asks."""

    def __init__(self, database: Check, redis: Check | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """`redis` is None where none is configured."""
        self._database = database
        self._redis = redis
        self._patience = patience_seconds

    async def alive(self, _request: Request) -> Response:
        """Answer at all."""
        return write({"status": "alive"}, HTTPStatus.OK)

    async def ready(self, _request: Request) -> Response:
        """Tell whether queries can be answered. Without Redis they can: reports wait."""
        database, redis = await asyncio.gather(
            self._state("database", self._database), self._state("redis", self._redis)
        )
        is_ready = database == "up"
        body = {"status": "ready" if is_ready else "not ready", "database": database, "redis": redis}
        return write(body, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _state(self, name: str, check: Check | None) -> str:
        if check is None:
            return "none"
        try:
            async with asyncio.timeout(self._patience):
                await check()
        except Exception as error:  # noqa: BLE001 - drivers raise what they like; whatever it is, the server is away
            log.warning("a server does not answer", server=name, error=repr(error))
            return "down"
        return "up"
