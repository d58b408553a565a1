"""POST /api/v1/analytics/events: authenticates, records events in batches, and answers with a summary."""

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
    """A viewer's permission to record events in a makerspace."""

    @property
    def makerspace(self) -> MakerspaceId:
        """The makerspace."""

    async def record(self, inputs: Sequence[UsageEventInput], now: datetime) -> RecordOutcome:
        """Record a batch. Returns once it is committed."""


OpenRecording: TypeAlias = Callable[[Viewer, str | None], Recording]
"""From the viewer and the requested makerspace to its recording. Raises the AnalyticsError that refuses them."""


def events_route(
    authenticate: Authenticate,
    open_recording: OpenRecording,
    clock: Callable[[], datetime],
    batch_size: int,
    limits: BodyLimits,
) -> Route:
    """Make the route of the endpoint."""
    endpoint = EventsEndpoint(authenticate, open_recording, clock, batch_size, limits)
    return Route("/api/v1/analytics/events", endpoint.__call__, methods=["POST"], name="events")


@dataclass(frozen=True)
class EventsEndpoint:
    """Records events. A body of lines is never held whole: one batch is recorded while the next is read."""

    authenticate: Authenticate
    open_recording: OpenRecording
    clock: Callable[[], datetime]
    batch_size: int
    limits: BodyLimits

    async def __call__(self, request: Request) -> Response:
        """Answer one request. Every answer, also an error, says up to which line all is committed."""
        body: _Body | None = None
        try:
            kind = kind_of(request.headers, BodyKind.JSON, BodyKind.NDJSON)
            body = await self._open(request)
            await (body.record_lines() if kind is BodyKind.NDJSON else body.record_json())
        except Refusal as refusal:
            return refuse(refusal, MediaType.JSON, _summary_of(body))
        except AnalyticsError as error:
            if body is not None:
                await linger(request)
            return fail(error, MediaType.JSON, _summary_of(body), CLOSE)
        return write(body.summary.body(), body.summary.status if body.is_single else HTTPStatus.OK)

    async def _open(self, request: Request) -> "_Body":
        """Authenticate the sender, before any of the body is read."""
        viewer = await self.authenticate(request.headers.getlist("authorization"))
        line_of(request.scope).user_id = viewer.user_id
        parameters = parse_query_string(request.scope["query_string"])
        recording = self.open_recording(viewer, parameters.get("makerspace_id"))
        key = _idempotency_key(request)
        ids = None if key is None else line_ids(recording.makerspace.value, viewer.user_id, key)
        return _Body(request, self, recording, ids, BulkSummary())


@dataclass
class _Body:
    """One body while it is read and recorded."""

    request: Request
    endpoint: EventsEndpoint
    recording: Recording
    ids: Callable[[int], UUID] | None
    """Gives ids to lines without one. None: those get new ids."""
    summary: BulkSummary
    is_single: bool = False
    """Whether the body is a single event, not an array or lines."""

    async def record_json(self) -> None:
        """Record a body of JSON: an object or an array."""
        found, self.is_single = read_body(await read(self.request, self.endpoint.limits))
        await self._record(self._parts(found))

    async def record_lines(self) -> None:
        """Record a body of NDJSON while it arrives."""
        await self._record(self._batches())

    async def _parts(self, found: Sequence[Read]) -> AsyncGenerator[LineBatch, None]:
        events = iter(found)
        last = 0
        while some := list(islice(events, self.endpoint.batch_size)):
            batch = LineBatch(last)
            for each in some:
                batch.add(each)
            last = batch.last
            yield batch

    async def _batches(self) -> AsyncGenerator[LineBatch, None]:
        """Yield lines in batches. Where the sender is refused midway, the lines before that are yielded first."""
        batch, ended = LineBatch(0), None
        try:
            async for block in blocks(self.request, self.endpoint.limits):
                for line in block:
                    if (
                        len(batch.inputs) >= self.endpoint.batch_size
                        or batch.size_bytes >= self.endpoint.limits.size_bytes
                    ):
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
            batch.add(LimitExceeded(f"The line is longer than {self.endpoint.limits.line_size_bytes} bytes."))
        elif line and not line.isspace():
            batch.add(read_line(line), len(line))
        else:
            batch.skip()

    async def _record(self, batches: AsyncGenerator[LineBatch, None]) -> None:
        """Record batches in order, each while the next is read."""
        running: asyncio.Task[None] | None = None
        try:
            async with aclosing(batches):
                async for batch in batches:
                    self._add_ids(batch)
                    if running is not None:
                        await running
                    running = asyncio.create_task(self._record_batch(batch))
        finally:
            if running is not None:
                await running
        if self.summary.data_version is None:
            await self._record_batch(LineBatch(0))

    async def _record_batch(self, batch: LineBatch) -> None:
        self.summary.add(batch, await self.recording.record(batch.inputs, self.endpoint.clock()))

    def _add_ids(self, batch: LineBatch) -> None:
        """Give ids derived from the Idempotency-Key to events without one, so that a retry finds them."""
        for number, event in zip(batch.numbers, batch.inputs, strict=True):
            if event.id is None:
                self.summary.note = WITHOUT_KEY if self.ids is None else WITH_KEY
                if self.ids is None:
                    return
                event.id = str(self.ids(number))


def _summary_of(body: _Body | None) -> dict[str, Any]:
    return {} if body is None else body.summary.body()


def _idempotency_key(request: Request) -> str | None:
    keys = request.headers.getlist("idempotency-key")
    if len(keys) > 1 or any(not 0 < len(key) <= MAX_KEY or not key.isprintable() for key in keys):
        message = f"Send one Idempotency-Key of 1 to {MAX_KEY} printable characters, or none."
        raise Refusal(HTTPStatus.BAD_REQUEST, message, headers=CLOSE)
    return keys[0] if keys else None
