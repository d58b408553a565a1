"""A real server on a free port, with a schema of a few fields behind it, and clients that send whatever they like."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import strawberry
import uvicorn
from graphql import GraphQLError, OperationType, validate
from starlette.applications import Starlette

from makrcave_analytics.auth import Authenticator, Viewer, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import NotFound, Unavailable
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.reports.requests.download import FileGone, OpenedDownload
from makrcave_analytics.reports.storage.local import FolderFile
from makrcave_analytics.schema.engine.limits import check_document, limit_violations, operation_type, presentable
from makrcave_analytics.schema.engine.operation import Operation, Outcome, OutcomeKind
from makrcave_analytics.serving import configuration
from makrcave_analytics.web import Parts, build

SETTINGS = Settings(_env_file=None, jwt_secret="a secret of at least thirty-two bytes")
HOME = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
RESPONSE = "application/graphql-response+json"


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def user(self, info: strawberry.Info) -> str:
        return info.context["viewer"].user_id

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound("There is no such thing.")

    @strawberry.field
    def bug(self) -> str | None:
        raise BaseException  # noqa: TRY002 - not even an Exception, so that nothing on its way handles it

    @strawberry.field
    def database(self) -> str | None:
        raise Unavailable("The database does not answer.")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def keep(self, info: strawberry.Info, text: str) -> int:
        kept = info.context["kept"]
        kept.append(text)
        return len(kept)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int = 1) -> AsyncIterator[int]:
        for tick in range(count):
            yield tick

    @strawberry.subscription
    async def waits(self, info: strawberry.Info) -> AsyncIterator[int]:
        """One tick, and then none until its client leaves, which is noted."""
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            info.context["left"].release()

    @strawberry.subscription
    async def floods(self, size: int, info: strawberry.Info) -> AsyncIterator[str]:
        """More than anybody reads; what was asked for is counted."""
        try:
            while True:
                info.context["flooded"].append(size)
                yield "x" * size
        finally:
            info.context["left"].release()

    @strawberry.subscription
    async def hidden(self) -> AsyncIterator[int]:
        raise NotFound("There is no such thing.")
        yield 0

    @strawberry.subscription
    async def breaks(self) -> AsyncIterator[int]:
        yield 0
        raise RuntimeError("SELECT secret FROM /etc/passwd")


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)


@dataclass
class Schema:
    """What stands for the real schema: the same checks in the same order, and it remembers what got through to it."""

    received: list[Operation] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    flooded: list[int] = field(default_factory=list)
    left: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    may_go_on: threading.Event = field(default_factory=threading.Event)

    async def execute(self, operation: Operation, viewer: Viewer) -> Outcome:
        self.received.append(operation)
        if found := self._found(operation, but=OperationType.SUBSCRIPTION):
            return _refused(found)
        if "crash" in operation.query:
            raise RuntimeError("SELECT secret FROM /etc/passwd")
        if "slowly" in operation.query:
            await asyncio.to_thread(self.may_go_on.wait, 20)
        result = await SCHEMA.execute(
            operation.query, operation.variables, self._context(viewer), operation_name=operation.name
        )
        errors = result.errors or []
        if result.data is None:
            return _refused(errors)
        away = errors and all(isinstance(each.original_error, Unavailable) for each in errors)
        body = {"data": result.data} | ({"errors": [each.formatted for each in errors]} if errors else {})
        return Outcome(body, OutcomeKind.UNAVAILABLE if away else OutcomeKind.ANSWERED)

    async def subscribe(self, operation: Operation, viewer: Viewer) -> AsyncGenerator[Outcome, None]:
        self.received.append(operation)
        if found := self._found(operation):
            yield _refused(found)
            return
        events = await SCHEMA.subscribe(operation.query, operation.variables, self._context(viewer))
        async with aclosing(events):
            async for event in events:
                if isinstance(event.errors[0].original_error if event.errors else None, RuntimeError):
                    raise event.errors[0].original_error
                yield _refused(event.errors) if event.errors else Outcome({"data": event.data}, OutcomeKind.ANSWERED)

    def _found(self, operation: Operation, but: OperationType | None = None) -> list[GraphQLError]:
        try:
            document = check_document(operation.query)
        except GraphQLError as error:
            return [error]
        schema = SCHEMA._schema
        found = limit_violations(document, schema, operation.variables, may_introspect=True) or validate(
            schema, document
        )
        if operation_type(document, operation.name) in (None, but):
            found = [*found, GraphQLError("Name one query or mutation of the document.")]
        return found

    def _context(self, viewer: Viewer) -> dict[str, Any]:
        return {"viewer": viewer, "kept": self.kept, "flooded": self.flooded, "left": self.left}


def _refused(errors: list[GraphQLError]) -> Outcome:
    return Outcome({"errors": [each.formatted for each in presentable(errors)]}, OutcomeKind.REFUSED)


@dataclass(frozen=True)
class Kept:
    """A report's file."""

    path: Path
    name: str
    content_type: str


@dataclass
class Files:
    """Report files by id; the signature is right where it says so."""

    downloads: dict[str, Kept] = field(default_factory=dict)

    async def open(self, report: str, parameters: Mapping[str, str]) -> OpenedDownload:
        if parameters.get("signature") != "right" or report not in self.downloads:
            raise NotFound("hidden")
        kept = self.downloads[report]
        if not kept.path.exists():
            raise FileGone("The report's file is no longer kept.")
        stored = FolderFile(os.open(kept.path, os.O_RDONLY))
        file = ReportFile(uuid4(), kept.name, kept.content_type, stored.size_bytes, rows=1, sha256="")
        return OpenedDownload(file, stored)


_SCHEMA = Schema()
_FILES = Files()


@dataclass
class Api:
    """A server that runs, and the token of somebody who may use it."""

    url: str
    address: tuple[str, int]
    token: str
    client: httpx.Client

    def post(self, body: Any, *, accept: str = RESPONSE, **headers: str | None) -> httpx.Response:
        """Send a body, bytes as they are and all else as JSON. A header given as None is left out."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        sent = {"content-type": "application/json", "accept": accept, "authorization": f"Bearer {self.token}"} | named
        kept = {key: value for key, value in sent.items() if value is not None}
        return self.client.post("/graphql", content=content, headers=kept)

    def get(self, path: str, **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.token}"} | {
            key.replace("_", "-"): each for key, each in headers.items()
        }
        return self.client.get(path, headers=sent)

    def raw(self, head: str, body: bytes = b"") -> socket.socket:
        """Open a connection, send a request line with headers, and this much of a body."""
        connection = socket.create_connection(self.address, timeout=20)
        lines = [*head.strip().splitlines(), "host: localhost", f"authorization: Bearer {self.token}"]
        connection.sendall("\r\n".join([*(each.strip() for each in lines), "", ""]).encode() + body)
        return connection


class _Server(uvicorn.Server):
    """Says when it has begun to listen."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture(scope="session")
def token() -> str:
    lifetime = timedelta(hours=1)
    return issue_token(
        SETTINGS, role="admin", makerspaces=[HOME], user_id="ada", lifetime=lifetime, now=datetime.now(UTC)
    )


@pytest.fixture(scope="session")
def parts() -> Parts:
    """What the application of this run is made of; a test that needs other parts starts a server of its own."""
    authenticator = Authenticator(SETTINGS)

    async def authenticate(authorization: list[str]) -> Viewer:
        return await authenticator.viewer(authorization, datetime.now(UTC))

    async def up() -> None:
        """Be there."""

    return Parts(
        authenticate,
        _SCHEMA.execute,
        _FILES.open,
        database=up,
        subscribe=_SCHEMA.subscribe,
        now=lambda: datetime.now(UTC),
        redis=up,
    )


@pytest.fixture
def schema() -> Schema:
    """The schema behind every server, with nothing remembered."""
    _SCHEMA.received.clear()
    _SCHEMA.kept.clear()
    _SCHEMA.flooded.clear()
    _SCHEMA.left = threading.Semaphore(0)
    _SCHEMA.may_go_on.clear()
    return _SCHEMA


@pytest.fixture
def files() -> Files:
    """The files behind every server: none yet."""
    _FILES.downloads.clear()
    return _FILES


@pytest.fixture(scope="session")
def api(token: str, parts: Parts) -> Iterator[Api]:
    """The server of this run."""
    with _serving(parts, token) as api:
        yield api


@pytest.fixture
def serving(token: str) -> Callable[[Parts], AbstractContextManager[Api]]:
    """Run a server of other parts as long as the context lasts."""
    return lambda parts: _serving(parts, token)


@pytest.fixture
def serve(token: str) -> Iterator[Callable[[Parts], Api]]:
    """Start servers of other parts; all are stopped with the test."""
    with ExitStack() as running:
        yield lambda parts: running.enter_context(_serving(parts, token))


@contextmanager
def serving_app(app: Starlette) -> Iterator[tuple[str, tuple[str, int]]]:
    """Serve an application in a thread; give its URL and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _Server(configuration(app))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert server.listening.wait(20)
            address = listener.getsockname()[:2]
            yield "http://{}:{}".format(*address), address
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def _serving(parts: Parts, token: str) -> Iterator[Api]:
    with serving_app(build(parts)) as (url, address), httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
        yield Api(url, address, token, client)


@pytest.fixture
def file(tmp_path: Path, files: Files) -> Kept:
    """A report of ten bytes, as the id r1."""
    path = tmp_path / "report.csv"
    path.write_bytes(b"0123456789")
    files.downloads["r1"] = Kept(path, "usage.csv", "text/csv; charset=utf-8")
    return files.downloads["r1"]
