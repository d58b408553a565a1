"""Origins and tokens of sockets, when tokens expire, clients that do not read, and the end of the process."""

import io
import json
import logging
import socket as sockets
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.web.conftest import HOME, SETTINGS, Server
from websockets.exceptions import InvalidStatus

from makrcave_analytics.auth import issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.serving import configuration
from makrcave_analytics.telemetry import configure
from makrcave_analytics.web import build, origin_of
from makrcave_analytics.web.socket import Transport

made = Transport.connection_made
FRONTEND = "https://portal.example"
GENERIC = (4403, "A valid bearer token is needed.")


def own(api):
    return f"http://{api.address[0]}:{api.address[1]}"


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "file://", "x", "http://[::1"),
        *("https://portal.example.evil.example", "https://portal.example/", "http://portal.example"),
        *("{own}/", "{own}/x", "{own}.evil.example", "http://u@{host}", "ws://{host}", "http://evil.example/{own}"),
    ],
)
def test_pages_of_other_origins_may_not_connect(serve, parts, open_socket, backend, origin):
    api = serve(replace(parts, allowed_origins=(FRONTEND,)))
    sent = origin.format(own=own(api), host=own(api).removeprefix("http://"))
    with pytest.raises(InvalidStatus) as refused:
        open_socket(api, additional_headers={"Origin": sent})
    answer = refused.value.response
    assert answer.status_code == 403
    assert json.loads(answer.body)["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


def test_two_origins_are_refused(api, open_socket):
    with pytest.raises(InvalidStatus):
        open_socket(api, additional_headers=[("Origin", own(api)), ("Origin", own(api))])


def test_our_own_pages_and_those_that_are_named_may_connect(serve, parts, open_socket):
    api = serve(replace(parts, allowed_origins=(FRONTEND,)))
    for origin in (own(api), own(api).replace("http:", "https:"), FRONTEND):
        assert open_socket(api, additional_headers={"Origin": origin}).initialize().ask("{ user }")
    behind = serve(replace(parts, own_origins=(origin_of("https://Analytics.example:443/api/"),)))
    assert open_socket(behind, additional_headers={"Origin": "https://analytics.example"}).initialize()
    open_to_all = serve(replace(parts, allowed_origins=("*",)))
    assert open_socket(open_to_all, additional_headers={"Origin": "https://elsewhere.example"}).initialize()
    with pytest.raises(InvalidStatus):
        open_socket(open_to_all, additional_headers={"Origin": "null"})


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_the_token_comes_with_the_greeting(socket, token, name):
    assert socket.initialize(**{name: f"Bearer {token}"}).ask("{ user }")[0]["payload"] == {"data": {"user": "ada"}}


@pytest.mark.parametrize("greeting", [{"type": "connection_init"}, {"type": "connection_init", "payload": None}])
def test_the_token_may_come_with_the_upgrade(api, open_socket, token, greeting):
    socket = open_socket(api, additional_headers={"Authorization": f"Bearer {token}"})
    socket.send(greeting)
    assert socket.receive() == {"type": "connection_ack"}
    assert socket.ask("{ user }")[0]["payload"] == {"data": {"user": "ada"}}


def test_the_same_token_twice_is_one(api, open_socket, token):
    headers = {"Authorization": f"Bearer {token}"}
    assert open_socket(api, additional_headers=headers).initialize(Authorization=f"Bearer {token}")


@pytest.mark.parametrize(
    "payload",
    [
        *({}, {"token": "{token}"}, {"authToken": "Bearer {token}"}, {"headers": {"Authorization": "Bearer {token}"}}),
        *({"Authorization": each} for each in (None, 5, True, [], {}, ["Bearer {token}"], "", "Bearer", "{token}")),
        *({"Authorization": each} for each in ("Bearer x", "Basic YTpi", "Bearer {token}x", "Bearer " + "a" * 9_000)),
        {"Authorization": "Bearer " + "a" * 1_000_000},
        {"Authorization": "Bearer {token}", "authorization": "Bearer x"},
    ],
    ids=lambda payload: repr(payload)[:60],
)
def test_every_bad_token_gets_one_generic_answer(socket, token, backend, payload):
    socket.send(json.dumps({"type": "connection_init", "payload": payload}).replace("{token}", token))
    assert socket.wait_for_close() == GENERIC
    assert backend.received == []


def test_a_token_in_the_query_string_and_two_different_tokens_are_refused(api, open_socket, token):
    by_address = open_socket(api, path=f"/graphql?access_token={token}&token={token}")
    two = open_socket(api, additional_headers={"Authorization": "Bearer x"})
    by_address.send({"type": "connection_init"})
    two.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    assert by_address.wait_for_close() == two.wait_for_close() == GENERIC


def test_without_the_issuers_keys_the_client_is_asked_to_try_again(serve, parts, open_socket):
    async def away(_):
        raise Unavailable("The keys cannot be had.")

    socket = open_socket(serve(replace(parts, authenticate=away)))
    socket.send({"type": "connection_init"})
    assert socket.wait_for_close() == (1013, "The keys cannot be had.")


def test_a_token_ends_its_socket_when_it_expires(serve, parts, open_socket, backend):
    """The server's clock starts 50 ms before the token's end."""
    now = datetime.now(UTC).replace(microsecond=0)
    short = issue_token(SETTINGS, role="admin", makerspaces=[HOME], user_id="ada", lifetime=timedelta(hours=1), now=now)
    late = serve(replace(parts, now=lambda: now + timedelta(minutes=59, seconds=59, milliseconds=950)))
    client = open_socket(late).initialize(Authorization=f"Bearer {short}")
    client.subscribe("a", "subscription { waits }")
    assert client.wait_for_close() == (4403, "The token has expired.")
    assert backend.left.acquire(timeout=20)


@pytest.fixture
def hasty(monkeypatch, serve, parts):
    """Starts a server with a short write timeout, and a linger time of the test's choice."""

    def start(linger_seconds, write_timeout_seconds=0.1):
        hasty = type(
            "Hasty", (Transport,), {"write_timeout_seconds": write_timeout_seconds, "linger_seconds": linger_seconds}
        )
        monkeypatch.setattr("makrcave_analytics.serving.Transport", hasty)
        return serve(parts)

    return start


def flooded(api, open_socket):
    """A client that subscribes to far more than the buffers hold, and does not read it."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.connect(api.address)
    client = open_socket(api, sock=raw, max_queue=1).initialize()
    client.subscribe("flood", "subscription { floods(size: 100000) }")
    return client


def test_a_client_that_never_reads_is_buffered_within_bounds_and_dropped(hasty, open_socket, backend):
    client = flooded(hasty(linger_seconds=0.1), open_socket)
    assert backend.left.acquire(timeout=20)
    # What the kernel keeps of a connection, and one message: some megabytes, of endless ones.
    assert len(backend.flooded) < 200
    client.socket.socket.shutdown(sockets.SHUT_RDWR)


def test_a_client_that_reads_too_late_finds_the_close_reason(hasty, open_socket, backend):
    client = flooded(hasty(linger_seconds=60), open_socket)
    assert backend.left.acquire(timeout=20)
    assert client.wait_for_close() == (1013, "Nothing is read.")


def test_unread_answers_to_a_flood_of_pings_are_not_buffered(hasty, open_socket, monkeypatch, backend):
    wires = []
    monkeypatch.setattr(
        Transport, "connection_made", lambda self, transport: (wires.append(self), made(self, transport))[1]
    )
    client = flooded(hasty(linger_seconds=60, write_timeout_seconds=60), open_socket)
    while wires[0].writable.is_set():
        threading.Event().wait(0.001)
    ping = b"\x89\xfd" + bytes(4) + b"x" * 125
    for _ in range(20):
        client.socket.socket.sendall(ping * 1_000)
    client.send({"type": "complete", "id": "flood"})
    assert backend.left.acquire(timeout=20)  # so all of them have been taken
    assert wires[0].transport.get_write_buffer_size() < 1_000_000
    client.socket.socket.shutdown(sockets.SHUT_RDWR)


def test_a_process_that_ends_closes_its_sockets_at_once(parts, open_socket, token):
    with sockets.create_server(("127.0.0.1", 0)) as listener:
        server = Server(configuration(build(parts)))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        assert server.listening.wait(20)
        api = type("Address", (), {"address": listener.getsockname()[:2]})
        quiet, busy, silent = open_socket(api).initialize(), open_socket(api).initialize(), open_socket(api)
        busy.subscribe("a", "subscription { waits }")
        busy.receive()
        server.should_exit = True
        assert {each.wait_for_close()[0] for each in (quiet, busy, silent)} == {1012}
        thread.join(20)
        assert not thread.is_alive()


def test_a_socket_is_one_line(serving, parts, open_socket, token):
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure(Settings(_env_file=None), stream=stream)
    with ExitStack() as running:
        seconds = iter(range(1_000))
        api = running.enter_context(serving(replace(parts, clock=lambda: next(seconds) / 2)))
        client = open_socket(api, additional_headers={"X-Request-Id": "req-1"}).initialize()
        client.ask('query { echo(text: "private") }')
        client.send({"type": "nonsense"})
        assert client.wait_for_close()[0] == 4400
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    text = stream.getvalue()
    (line,) = [each for each in map(json.loads, text.splitlines()) if each["event"] == "socket closed"]
    logged_fields = {key: line[key] for key in ("code", "user_id", "operations", "request_id")}
    assert logged_fields == {"code": 4400, "user_id": "ada", "operations": 1, "request_id": "req-1"}
    assert "private" not in text
    assert token not in text
