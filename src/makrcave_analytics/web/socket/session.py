"""One socket's session: connection_init with a token, then concurrent operations, each with an id of the client's.

One task reads, and each operation has a task that answers. Answers are not queued: while a client does not read, its
operations wait, and a subscription continues with its latest event once the client reads again.
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
from makrcave_analytics.web.responses import error_of, to_json, unexpected
from makrcave_analytics.web.socket.close_codes import CloseCode, CloseWith, malformed
from makrcave_analytics.web.socket.message import Init, Message, Ping, Start, Stop, read

log = logger("web")

Subscribe: TypeAlias = Callable[[Operation, Viewer], AsyncGenerator[Outcome, None]]
"""Yields one outcome per event. A REFUSED outcome is the last."""


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """How long a socket may take to initialise, and how much may run on it."""

    init_seconds: float = 5.0
    operations: int = 100
    """Concurrent operations: subscriptions, and operations without an answer yet."""


@dataclass(frozen=True)
class Surroundings:
    """What every session uses."""

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
    is_wanted: bool = True
    """Whether the client still wants answers."""

    def stop(self) -> None:
        """Send no more answers. Subscriptions are cancelled; mutations and queries run to their end unheard."""
        self.is_wanted = False
        if self.kind is OperationType.SUBSCRIPTION and self.task is not None:
            self.task.cancel()


class SocketSession:
    """One socket, from its acceptance to its close."""

    def __init__(self, socket: WebSocket, surroundings: Surroundings) -> None:
        self._socket = socket
        self._surroundings = surroundings
        self._writing = asyncio.Lock()
        self._running: dict[str, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = 0
        self.viewer: Viewer | None = None

    @property
    def operations(self) -> int:
        """How many operations were started."""
        return self._started

    async def hold(self) -> None:
        """Serve until the client leaves or the socket has to be closed. Running operations are then stopped.

        Raises: CloseWith; WebSocketDisconnect.
        """
        try:
            async with asyncio.timeout(self._surroundings.limits.init_seconds) as self._end:
                while True:
                    await self._handle(await self._receive())
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
        """Wait for the operations that were stopped."""
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

    async def _handle(self, message: Message) -> None:
        match message:
            case Init():
                await self._initialise(message)
            case Ping():
                await self._send({"type": "pong"})
            case Start():
                await self._start(message)
            case Stop() if message.id in self._running:
                self._running.pop(message.id).stop()

    async def _initialise(self, init: Init) -> None:
        if self.viewer is not None:
            raise CloseWith(CloseCode.GREETED_TWICE, "connection_init was sent before.")
        named = [value for name, value in init.payload.items() if name.lower() == "authorization"]
        sent = [*self._socket.headers.getlist("authorization"), *named]
        tokens = [value for n, value in enumerate(sent) if value not in sent[:n]]
        try:
            self.viewer = await self._surroundings.authenticate(tokens)
        except Unauthenticated as error:
            raise CloseWith(CloseCode.FORBIDDEN, error.message) from None
        except Unavailable as error:
            raise CloseWith(CloseCode.TRY_AGAIN, error.message) from None
        left = (self.viewer.expires_at - self._surroundings.now()).total_seconds()
        self._end.reschedule(asyncio.get_running_loop().time() + left)
        await self._send({"type": "connection_ack"})

    async def _start(self, start: Start) -> None:
        if self.viewer is None:
            raise CloseWith(CloseCode.NOT_GREETED, "Send connection_init first.")
        if start.id in self._running:
            raise CloseWith(CloseCode.TAKEN, f"An operation with the id {start.id} is running.")
        kind = kind_of(start.operation)
        if refusal := self._refusal(start, kind):
            await self._send({"id": start.id, "type": "error", "payload": [error_of(refusal)]})
            return
        self._started += 1
        running = self._running[start.id] = _Running(kind)
        running.task = asyncio.create_task(self._answer(start, running, self.viewer, f"{request_id()}.{self._started}"))
        self._tasks.add(running.task)
        running.task.add_done_callback(self._tasks.discard)

    def _refusal(self, start: Start, kind: OperationType | None) -> AnalyticsError | None:
        # Cancelled tasks do not count. A finished operation counts until its last message is sent.
        if sum(not task.cancelling() for task in self._tasks) >= self._surroundings.limits.operations:
            return LimitExceeded(f"At most {self._surroundings.limits.operations} operations at once on one socket.")
        if start.size_bytes > self._surroundings.body_limits.query_size_bytes and kind is not OperationType.MUTATION:
            return LimitExceeded(
                f"Only mutations may be longer than {self._surroundings.body_limits.query_size_bytes} bytes."
            )
        return None

    async def _answer(self, start: Start, running: _Running, viewer: Viewer, identity: str) -> None:
        """Run an operation and send its outcomes."""
        bind_request(identity)
        try:
            async with aclosing(self._outcomes(start.operation, running.kind, viewer)) as outcomes:
                async for outcome in outcomes:
                    if outcome.kind is OutcomeKind.REFUSED:
                        await self._finish(start.id, running, {"type": "error", "payload": outcome.body["errors"]})
                        return
                    await self._send_answer(start.id, running, {"type": "next", "payload": outcome.body})
            await self._finish(start.id, running, {"type": "complete"})
        except WebSocketDisconnect:
            return  # the reading task gets it too
        except AnalyticsError as error:
            await self._finish(start.id, running, {"type": "error", "payload": [error_of(error)]})
        except Exception:
            log.exception("unexpected error", type="websocket")
            await self._finish(start.id, running, {"type": "error", "payload": [unexpected(request_id())]})

    async def _outcomes(
        self, operation: Operation, kind: OperationType | None, viewer: Viewer
    ) -> AsyncGenerator[Outcome, None]:
        if kind is not OperationType.SUBSCRIPTION:
            yield await self._surroundings.execute(operation, viewer)
            return
        async with aclosing(self._surroundings.subscribe(operation, viewer)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def _finish(self, name: str, running: _Running, message: dict[str, Any]) -> None:
        """Send the last message of an operation. Its id is freed first, because the client may use it again at once."""
        if self._running.get(name) is running:
            del self._running[name]
        try:
            await self._send_answer(name, running, message)
        except WebSocketDisconnect:
            return

    async def _send_answer(self, name: str, running: _Running, message: dict[str, Any]) -> None:
        if running.is_wanted:
            await self._send({"id": name, **message})

    async def _send(self, message: dict[str, Any]) -> None:
        """Send a message. Messages go one at a time, and each waits until the client has read those before."""
        text = to_json(message).decode()
        async with self._writing:
            if self._socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect
            await self._socket.send_text(text)
