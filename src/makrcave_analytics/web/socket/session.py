"""What is said on one socket: a greeting with a token, then operations side by side, each under an id of its client's.

One task reads, each operation has one that answers; nothing waits in between, so a client that does not read is
not written for: its operations stand still, and a subscription goes on with the latest once it reads again.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from makrcave_analytics.auth import Viewer
from makrcave_analytics.errors import AnalyticsError, LimitExceeded, Unauthenticated, Unavailable
from makrcave_analytics.schema.engine.operation import Operation, Outcome, OutcomeKind
from makrcave_analytics.telemetry import bind_request, logger, request_id
from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.graphql_endpoint import Authenticate, Execute
from makrcave_analytics.web.parameters import kind_of
from makrcave_analytics.web.responses import error_of, to_json, unforeseen
from makrcave_analytics.web.socket.close_codes import CloseCode, CloseWith, malformed
from makrcave_analytics.web.socket.message import Init, Message, Ping, Start, Stop, read

log = logger("web")

Subscribe: TypeAlias = Callable[[Operation, Viewer], AsyncGenerator[Outcome, None]]
"""Gives an outcome an event; a REFUSED one is the last."""


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """How long a socket may be silent at first, and how much may run on it."""

    init_seconds: float = 5.0
    operations: int = 100
    """At once: subscriptions, and what has not been answered yet."""


@dataclass(frozen=True)
class Surroundings:
    """What a conversation is given."""

    authenticate: Authenticate
    execute: Execute
    subscribe: Subscribe
    now: Callable[[], datetime]
    limits: SocketLimits
    body_limits: BodyLimits


@dataclass(eq=False)
class _Running:
    """An operation that is being answered."""

    kind: OperationType | None
    task: asyncio.Task[None] | None = None
    is_heard: bool = True
    """Whether the client still wants its answers."""

    def stop(self) -> None:
        """Answer no more. What ends by itself is let: a mutation for its sake, a query for its connection's."""
        self.is_heard = False
        if self.kind is OperationType.SUBSCRIPTION and self.task is not None:
            self.task.cancel()


class SocketSession:
    """One socket, from its acceptance to its end."""

    def __init__(self, socket: WebSocket, surroundings: Surroundings) -> None:
        self._socket = socket
        self._around = surroundings
        self._writing = asyncio.Lock()
        self._running: dict[str, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = 0
        self.viewer: Viewer | None = None

    @property
    def operations(self) -> int:
        """How many were begun."""
        return self._begun

    async def hold(self) -> None:
        """Talk until the client leaves or the conversation has to end; what it began has then been stopped.

        Raises: Closing; WebSocketDisconnect.
        """
        try:
            async with asyncio.timeout(self._around.limits.init_seconds) as self._end:
                while True:
                    await self._take(await self._receive())
        except TimeoutError:
            if not self._end.expired():
                raise
            if self.viewer is None:
                raise CloseWith(CloseCode.TOO_LATE, "No connection_init came in time.") from None
            raise CloseWith(CloseCode.FORBIDDEN, "The token has expired.") from None
        finally:
            for running in self._running.values():
                running.stop()

    async def settle(self) -> None:
        """Wait for what was stopped."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _receive(self) -> Message:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005), received.get("reason"))
        text = received.get("text")
        if text is None:
            raise malformed("A message must be text.")
        return read(text)

    async def _take(self, message: Message) -> None:
        match message:
            case Init():
                await self._greet(message)
            case Ping():
                await self._say({"type": "pong"})
            case Start():
                await self._start(message)
            case Stop() if message.id in self._running:
                self._running.pop(message.id).stop()

    async def _greet(self, init: Init) -> None:
        if self.viewer is not None:
            raise CloseWith(CloseCode.GREETED_TWICE, "connection_init was sent before.")
        named = [value for name, value in init.payload.items() if name.lower() == "authorization"]
        sent = [*self._socket.headers.getlist("authorization"), *named]
        tokens = [value for n, value in enumerate(sent) if value not in sent[:n]]
        try:
            self.viewer = await self._around.authenticate(tokens)
        except Unauthenticated as error:
            raise CloseWith(CloseCode.FORBIDDEN, error.message) from None
        except Unavailable as error:
            raise CloseWith(CloseCode.TRY_AGAIN, error.message) from None
        left = (self.viewer.expires_at - self._around.now()).total_seconds()
        self._end.reschedule(asyncio.get_running_loop().time() + left)
        await self._say({"type": "connection_ack"})

    async def _start(self, start: Start) -> None:
        if self.viewer is None:
            raise CloseWith(CloseCode.NOT_GREETED, "Send connection_init first.")
        if start.id in self._running:
            raise CloseWith(CloseCode.TAKEN, f"An operation with the id {start.id} is running.")
        kind = kind_of(start.operation)
        if refusal := self._refusal(start, kind):
            await self._say({"id": start.id, "type": "error", "payload": [error_of(refusal)]})
            return
        self._begun += 1
        running = self._running[start.id] = _Running(kind)
        running.task = asyncio.create_task(self._answer(start, running, self.viewer, f"{request_id()}.{self._begun}"))
        self._tasks.add(running.task)
        running.task.add_done_callback(self._tasks.discard)

    def _refusal(self, start: Start, kind: OperationType | None) -> AnalyticsError | None:
        # What was left may still be on its way out; what has nothing more to say than its end may still be saying it.
        if sum(not task.cancelling() for task in self._tasks) >= self._around.limits.operations:
            return LimitExceeded(f"At most {self._around.limits.operations} operations at once on one socket.")
        if start.size_bytes > self._around.body_limits.query_size_bytes and kind is not OperationType.MUTATION:
            return LimitExceeded(
                f"Only mutations may be longer than {self._around.body_limits.query_size_bytes} bytes."
            )
        return None

    async def _answer(self, start: Start, running: _Running, viewer: Viewer, identity: str) -> None:
        """Run an operation and tell the client what comes of it."""
        bind_request(identity)
        try:
            async with aclosing(self._outcomes(start.operation, running.kind, viewer)) as outcomes:
                async for outcome in outcomes:
                    if outcome.kind is OutcomeKind.REFUSED:
                        await self._finish(start.id, running, {"type": "error", "payload": outcome.body["errors"]})
                        return
                    await self._tell(start.id, running, {"type": "next", "payload": outcome.body})
            await self._finish(start.id, running, {"type": "complete"})
        except WebSocketDisconnect:
            return  # whoever reads has noticed too
        except AnalyticsError as error:
            await self._finish(start.id, running, {"type": "error", "payload": [error_of(error)]})
        except Exception:
            log.exception("unforeseen", type="websocket")
            await self._finish(start.id, running, {"type": "error", "payload": [unforeseen(request_id())]})

    async def _outcomes(
        self, operation: Operation, kind: OperationType | None, viewer: Viewer
    ) -> AsyncGenerator[Outcome, None]:
        if kind is not OperationType.SUBSCRIPTION:
            yield await self._around.execute(operation, viewer)
            return
        async with aclosing(self._around.subscribe(operation, viewer)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def _finish(self, name: str, running: _Running, message: dict[str, Any]) -> None:
        """Say the last of an operation. Its id is free before the client knows: it may be used again at once."""
        if self._running.get(name) is running:
            del self._running[name]
        try:
            await self._tell(name, running, message)
        except WebSocketDisconnect:
            return

    async def _tell(self, name: str, running: _Running, message: dict[str, Any]) -> None:
        if running.is_heard:
            await self._say({"id": name, **message})

    async def _say(self, message: dict[str, Any]) -> None:
        """Send a message; waits while the client has not read what was sent before, one at a time."""
        text = to_json(message).decode()
        async with self._writing:
            if self._socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect
            await self._socket.send_text(text)
