"""A real server on a free port, with a schema of a few fields behind it, and clients that send any bytes."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import strawberry
import uvicorn
from starlette.applications import Starlette

from makrcave_analytics.auth import Authenticator, Viewer, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.errors import NotFound, Unavailable
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.reports.requests.download import FileGone, OpenedDownload
from makrcave_analytics.reports.storage.local import FolderFile
from makrcave_analytics.resolvers.common.context import Info, Services
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation, Outcome
from makrcave_analytics.schema.engine.schema import AnalyticsSchema
from makrcave_analytics.schema.engine.subscriber import Subscriber
from makrcave_analytics.serving import configuration
from makrcave_analytics.web import Parts, build

SETTINGS = Settings(_env_file=None, jwt_secret="a secret of at least thirty-two bytes")
HOME = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
RESPONSE = "application/graphql-response+json"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Backend:
    """The real engine over the schema of this file. Remembers what reached it."""

    received: list[Operation] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """What `keep` was sent."""
    flooded: list[int] = field(default_factory=list)
    """One entry per event of `floods`."""
    left: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released by each subscription that its client left."""
    may_go_on: threading.Event = field(default_factory=threading.Event)
    """What `slow` waits for."""

    def __post_init__(self) -> None:
        # Nothing connects: no field of this schema reads the database.
        services = Services(Database("postgresql://localhost/none"), Keys.from_settings(SETTINGS), Queue(None), "", 1)
        schema = AnalyticsSchema(Query, Mutation, Subscription)
        self._executor = Executor(schema, services, _now, answer_within=60)
        self._subscriber = Subscriber(schema, services, _now)

    def clear(self) -> None:
        """Forget what reached it."""
        self.received.clear()
        self.kept.clear()
        self.flooded.clear()
        self.left = threading.Semaphore(0)
        self.may_go_on.clear()

    async def execute(self, operation: Operation, viewer: Viewer) -> Outcome:
        """Execute an operation. The word `crash` in it raises, as a bug of the engine would."""
        self.received.append(operation)
        if "crash" in operation.query:
            raise RuntimeError("SELECT secret FROM /etc/passwd")
        return await self._executor.execute(operation, viewer)

    def subscribe(self, operation: Operation, viewer: Viewer) -> AsyncGenerator[Outcome, None]:
        """Subscribe."""
        self.received.append(operation)
        return self._subscriber.subscribe(operation, viewer)


@strawberry.type
class Query:
    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def user(self, info: Info) -> str:
        return info.context.viewer.user_id

    @strawberry.field
    async def slow(self) -> str:
        """Answer once the test allows it."""
        await asyncio.to_thread(_BACKEND.may_go_on.wait, 20)
        return "done"

    @strawberry.field
    def missing(self) -> str | None:
        raise NotFound("There is no such thing.")

    @strawberry.field
    def database(self) -> str | None:
        raise Unavailable("The database does not answer.")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def keep(self, text: str, *, slowly: bool = False) -> int:
        if slowly:
            await asyncio.to_thread(_BACKEND.may_go_on.wait, 20)
        _BACKEND.kept.append(text)
        return len(_BACKEND.kept)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, count: int = 1) -> AsyncIterator[int]:
        for tick in range(count):
            yield tick

    @strawberry.subscription
    async def waits(self) -> AsyncIterator[int]:
        """Yield one event, then wait until the client leaves."""
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            _BACKEND.left.release()

    @strawberry.subscription
    async def floods(self, size: int) -> AsyncIterator[str]:
        """Yield events without end."""
        try:
            while True:
                _BACKEND.flooded.append(size)
                yield "x" * size
        finally:
            _BACKEND.left.release()

    @strawberry.subscription
    async def hidden(self) -> AsyncIterator[int]:
        raise NotFound("There is no such thing.")
        yield 0

    @strawberry.subscription
    async def breaks(self) -> AsyncIterator[int]:
        yield 0
        raise RuntimeError("SELECT secret FROM /etc/passwd")


@dataclass(frozen=True)
class Kept:
    """A file of a report."""

    path: Path
    name: str
    content_type: str


@dataclass
class Files:
    """Report files by id. The signature `right` is valid."""

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


_BACKEND = Backend()
_FILES = Files()


@dataclass
class Api:
    """A running server, and a valid token."""

    url: str
    address: tuple[str, int]
    token: str
    client: httpx.Client

    def post(self, body: Any, *, accept: str = RESPONSE, **headers: str | None) -> httpx.Response:
        """Send a body: bytes unchanged, all else as JSON. A header of None is left out."""
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
        """Open a connection and send a request line with headers, and a part of a body."""
        connection = socket.create_connection(self.address, timeout=20)
        lines = [*head.strip().splitlines(), "host: localhost", f"authorization: Bearer {self.token}"]
        connection.sendall("\r\n".join([*(each.strip() for each in lines), "", ""]).encode() + body)
        return connection


class Server(uvicorn.Server):
    """Sets an event when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture(scope="session")
def token() -> str:
    lifetime = timedelta(hours=1)
    return issue_token(SETTINGS, role="admin", makerspaces=[HOME], user_id="ada", lifetime=lifetime, now=_now())


@pytest.fixture(scope="session")
def parts() -> Parts:
    """The parts of this run's application. A test that needs other parts starts its own server."""
    authenticator = Authenticator(SETTINGS)

    async def authenticate(authorization: list[str]) -> Viewer:
        return await authenticator.viewer(authorization, _now())

    async def up() -> None:
        """Answer."""

    return Parts(
        authenticate,
        _BACKEND.execute,
        _FILES.open,
        database=up,
        subscribe=_BACKEND.subscribe,
        now=_now,
        redis=up,
    )


@pytest.fixture
def backend() -> Backend:
    """The engine behind every server, with nothing remembered."""
    _BACKEND.clear()
    return _BACKEND


@pytest.fixture
def files() -> Files:
    """The report files behind every server, none at first."""
    _FILES.downloads.clear()
    return _FILES


@pytest.fixture(scope="session")
def api(token: str, parts: Parts) -> Iterator[Api]:
    """The server of this run."""
    with _serving(parts, token) as api:
        yield api


@pytest.fixture
def serving(token: str) -> Callable[[Parts], AbstractContextManager[Api]]:
    """Runs a server of other parts within a context."""
    return lambda parts: _serving(parts, token)


@pytest.fixture
def serve(token: str) -> Iterator[Callable[[Parts], Api]]:
    """Starts servers of other parts. All are stopped with the test."""
    with ExitStack() as running:
        yield lambda parts: running.enter_context(_serving(parts, token))


@contextmanager
def serving_app(app: Starlette) -> Iterator[tuple[str, tuple[str, int]]]:
    """Serve an application in a thread; yield its URL and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(configuration(app))
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
