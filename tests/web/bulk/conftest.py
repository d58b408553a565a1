"""The whole API on a real server with a database of the test's own, and a sender of events."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from tests.plugins.proxy import Proxy
from tests.web.conftest import serving_app

from makrcave_analytics import app
from makrcave_analytics.auth import MakerspaceId, RecordKind, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.web import BodyLimits

PATH = "/api/v1/analytics/events"
NDJSON = "application/x-ndjson"


@dataclass
class Sender:
    """A client with a token that sends events."""

    address: tuple[str, int]
    token: str
    client: httpx.Client

    def json(self, body: Any, query: str = "", **headers: str) -> httpx.Response:
        """Send JSON. Bytes are sent unchanged."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._send(content, query, {"content-type": "application/json"} | headers)

    def lines(self, lines: Sequence[Any] | Iterator[bytes] | bytes, query: str = "", **headers: str) -> httpx.Response:
        """Send one line each. Bytes and streams are sent unchanged."""
        is_ready = isinstance(lines, bytes | Iterator)
        content = lines if is_ready else b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return self._send(content, query, {"content-type": NDJSON} | headers)

    def raw(self, head: str, body: bytes = b"") -> socket.socket:
        """Open a connection and send the head of a request and a part of its body."""
        connection = socket.create_connection(self.address, timeout=20)
        lines = [f"POST {PATH} HTTP/1.1", "host: localhost", f"authorization: Bearer {self.token}", *head.splitlines()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return connection

    def _send(self, content: Any, query: str, headers: Mapping[str, str]) -> httpx.Response:
        named = {"authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.post(PATH + query, content=content, headers=named)


SenderOf = Callable[..., Sender]


@pytest.fixture
def sender_of(migrated_url: str, settings: Settings) -> Iterator[SenderOf]:
    """Make senders to one API, for some makerspaces and a role."""
    made = app.api(settings, migrated_url, None, public_url="http://bulk.example")
    with _senders(made, settings) as make:
        yield make


@pytest.fixture
def proxied_sender_of(proxy: Proxy, settings: Settings) -> Iterator[SenderOf]:
    """The same, with PostgreSQL behind a proxy that the test can cut."""
    with _senders(app.api(settings, proxy.url, None, public_url="http://bulk.example"), settings) as make:
        yield make


@pytest.fixture
def slow_sender_of(migrated_url: str, settings: Settings) -> Iterator[SenderOf]:
    """The same, with 50 ms for a line to arrive."""
    limits = BodyLimits(seconds=0.05)
    made = app.api(settings, migrated_url, None, public_url="http://bulk.example", body_limits=limits)
    with _senders(made, settings) as make:
        yield make


@contextmanager
def _senders(made: Starlette, settings: Settings) -> Iterator[SenderOf]:
    with serving_app(made) as (url, address), httpx.Client(base_url=url, timeout=30, trust_env=False) as client:

        def make(
            *makerspaces: MakerspaceId,
            role: str = "service",
            user: str = "door",
            record: Sequence[RecordKind] | None = None,
        ) -> Sender:
            token = issue_token(
                settings, role=role, makerspaces=[each.value for each in makerspaces], user_id=user,
                lifetime=timedelta(hours=1), now=datetime.now(UTC), record=record,
            )  # fmt: skip
            return Sender(address, token, client)

        yield make


@contextmanager
def answer_of(connection: socket.socket) -> Iterator[tuple[int, Any]]:
    """Read until the server closes; yield the status and the body of its answer."""
    with connection, connection.makefile("rb") as reading:
        head, _, body = reading.read().partition(b"\r\n\r\n")
        yield int(head.split(b" ", 2)[1]), json.loads(body)
