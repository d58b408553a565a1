"""POST /api/v1/analytics/events: guards, authenticates, takes events in by the batch, and tells what became of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.errors import AnalyticsError, LimitExceeded
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.ids import line_ids
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.web.access_log import line_of
from makrcave_analytics.web.body import CLOSE, BodyKind, BodyLimits, kind_of, read
from makrcave_analytics.web.bulk.decoding import Read, read_body, read_line
from makrcave_analytics.web.bulk.stream import blocks, linger
from makrcave_analytics.web.bulk.summary import WITH_KEY, WITHOUT_KEY, BulkSummary, LineBatch
from makrcave_analytics.web.graphql_endpoint import Authenticate
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType
from makrcave_analytics.web.parameters import parse_query_string
from makrcave_analytics.web.responses import fail, refuse, write

MAX_KEY = 200
"""Characters of an Idempotency-Key."""


class Recording(Protocol):
    """Somebody who may record events in a makerspace."""

    @property
    def makerspace(self) -> MakerspaceId:
        """Where."""

    async def record(self, inputs: Sequence[UsageEventInput], now: datetime) -> RecordOutcome:
        """Record a batch; answers once it is committed."""


OpenRecording: TypeAlias = Callable[[Viewer, str | None], Recording]
"""The viewer and the makerspace that is named in. Raises what refuses them."""


def events_route(
    authenticate: Authenticate,
    open_recording: OpenRecording,
    clock: Callable[[], datetime],
    batch_size: int,
    limits: BodyLimits,
) -> Route:
    """Make the door."""
    door = EventsEndpoint(authenticate, open_recording, clock, batch_size, limits)
    return Route("/api/v1/analytics/events", door.__call__, methods=["POST"], name="events")


@dataclass(frozen=True)
class EventsEndpoint:
    """Takes events in. A body of lines is never held whole: a batch is recorded while the next one is read."""

    authenticate: Authenticate
    open_recording: OpenRecording
    clock: Callable[[], datetime]
    batch_size: int
    limits: BodyLimits

    async def __call__(self, request: Request) -> Response:
        """Answer one request; in whatever way it ends, the answer says up to where all is committed."""
        body: _Body | None = None
        try:
            kind = kind_of(request.headers, BodyKind.JSON, BodyKind.NDJSON)
            body = await self._open(request)
            await (body.take_lines() if kind is BodyKind.NDJSON else body.take_json())
        except Refusal as refusal:
            return refuse(refusal, MediaType.JSON, _told(body))
        except AnalyticsError as error:
            if body is not None:
                await linger(request)
            return fail(error, MediaType.JSON, _told(body), CLOSE)
        return write(body.summary.body(), body.summary.status if body.is_single else HTTPStatus.OK)

    async def _open(self, request: Request) -> "_Body":
        """Let the sender in, before anything of the body is read."""
        viewer = await self.authenticate(request.headers.getlist("authorization"))
        line_of(request.scope).user_id = viewer.user_id
        parameters = parse_query_string(request.scope["query_string"])
        recording = self.open_recording(viewer, parameters.get("makerspace_id"))
        key = _idempotency_key(request)
        ids = None if key is None else line_ids(recording.makerspace.value, viewer.user_id, key)
        return _Body(request, self, recording, ids, BulkSummary())


@dataclass
class _Body:
    """One body on its way in."""

    request: Request
    door: EventsEndpoint
    recording: Recording
    ids: Callable[[int], UUID] | None
    """Gives the ids of lines that have none; None: they get new ones."""
    summary: BulkSummary
    is_single: bool = False
    """Whether it was one event, and no array or line."""

    async def take_json(self) -> None:
        """Take an object or an array."""
        found, self.is_single = read_body(await read(self.request, self.door.limits))
        await self._record(self._parts(found))

    async def take_lines(self) -> None:
        """Take lines as they come in."""
        await self._record(self._batches())

    async def _parts(self, found: Sequence[Read]) -> AsyncGenerator[LineBatch, None]:
        events = iter(found)
        last = 0
        while some := list(islice(events, self.door.batch_size)):
            batch = LineBatch(last)
            for each in some:
                batch.add(each)
            last = batch.last
            yield batch

    async def _batches(self) -> AsyncGenerator[LineBatch, None]:
        """Give lines by the batch; those that came before the sender got too slow, too."""
        batch, ended = LineBatch(0), None
        try:
            async for block in blocks(self.request, self.door.limits):
                for line in block:
                    if len(batch.inputs) >= self.door.batch_size or batch.size_bytes >= self.door.limits.size_bytes:
                        yield batch
                        batch = LineBatch(batch.last)
                    self._add(batch, line)
        except Refusal as refusal:
            ended = refusal
        yield batch
        if ended is not None:
            raise ended

    def _add(self, batch: LineBatch, line: bytes | None) -> None:
        if line is None:
            batch.add(LimitExceeded(f"The line is longer than {self.door.limits.line_size_bytes} bytes."))
        elif line and not line.isspace():
            batch.add(read_line(line), len(line))
        else:
            batch.skip()

    async def _record(self, batches: AsyncGenerator[LineBatch, None]) -> None:
        """Record batches in their order, each while the next one is read."""
        running: asyncio.Task[None] | None = None
        try:
            async with aclosing(batches):
                async for batch in batches:
                    self._name(batch)
                    if running is not None:
                        await running
                    running = asyncio.create_task(self._one(batch))
        finally:
            if running is not None:
                await running
        if self.summary.data_version is None:
            await self._one(LineBatch(0))

    async def _one(self, batch: LineBatch) -> None:
        self.summary.add(batch, await self.recording.record(batch.inputs, self.door.clock()))

    def _name(self, batch: LineBatch) -> None:
        """Give an id to what has none, where a retry would find it again."""
        for number, event in zip(batch.numbers, batch.inputs, strict=True):
            if event.id is None:
                self.summary.note = WITHOUT_KEY if self.ids is None else WITH_KEY
                if self.ids is None:
                    return
                event.id = str(self.ids(number))


def _told(body: _Body | None) -> dict[str, Any]:
    return {} if body is None else body.summary.body()


def _idempotency_key(request: Request) -> str | None:
    keys = request.headers.getlist("idempotency-key")
    if len(keys) > 1 or any(not 0 < len(key) <= MAX_KEY or not key.isprintable() for key in keys):
        message = f"Send one Idempotency-Key of 1 to {MAX_KEY} printable characters, or none."
        raise Refusal(HTTPStatus.BAD_REQUEST, message, headers=CLOSE)
    return keys[0] if keys else None
