"""Liveness and readiness. The answers say up or down; the reason is in the log only."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from makrcave_analytics.telemetry import logger
from makrcave_analytics.web.responses import write

log = logger("web")

TIMEOUT_SECONDS = 1.0

Check: TypeAlias = Callable[[], Awaitable[object]]
"""Contacts a server. Returns where it answers, raises where it does not."""


class Health:
    """The two checks that an orchestrator makes."""

    def __init__(self, database: Check, redis: Check | None, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """`redis` None: none is configured."""
        self._database = database
        self._redis = redis
        self._timeout = timeout_seconds

    async def alive(self, _request: Request) -> Response:
        """Answer. The process lives if it can."""
        return write({"status": "alive"}, HTTPStatus.OK)

    async def ready(self, _request: Request) -> Response:
        """Say whether queries can be answered. Without Redis they can; only reports wait."""
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
            async with asyncio.timeout(self._timeout):
                await check()
        except Exception as error:  # noqa: BLE001 - drivers raise many kinds; each means that the server is away
            log.warning("a server does not answer", server=name, error=repr(error))
            return "down"
        return "up"
