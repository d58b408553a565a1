"""The protocol graphql-transport-ws, and its violations."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from makrcave_analytics.web import SocketLimits

START = {"type": "subscribe", "id": "a", "payload": {"query": "{ user }"}}
DEEP = "[" * 100_000 + "]" * 100_000


def test_a_query_is_answered_and_completed(client):
    assert client.ask("{ user }") == [{"type": "next", "payload": {"data": {"user": "ada"}}}, {"type": "complete"}]


def test_variables_and_the_operations_name_are_passed_on(client):
    query = "query A($t: String!) { echo(text: $t) } query B { user }"
    heard = client.ask(query, variables={"t": "grüße"}, operationName="A", extensions={})
    assert heard[0]["payload"] == {"data": {"echo": "grüße"}}


def test_a_mutation_is_run(client, backend):
    assert client.ask('mutation { keep(text: "a") }')[0]["payload"] == {"data": {"keep": 1}}
    assert backend.kept == ["a"]


def test_a_subscription_sends_each_event_and_its_end(client):
    heard = client.ask("subscription { ticks(count: 3) }")
    assert [each.get("payload") for each in heard] == [{"data": {"ticks": n}} for n in range(3)] + [None]


def test_operations_run_side_by_side(client, backend):
    client.subscribe("slow", "{ slow }")
    client.subscribe("quick", "{ user }")
    assert [client.receive()["id"], client.receive()["id"]] == ["quick", "quick"]
    backend.may_go_on.set()
    assert [client.receive()["id"], client.receive()["id"]] == ["slow", "slow"]


def test_the_error_of_a_field_comes_with_the_data(client):
    payload = client.ask("{ user missing }")[0]["payload"]
    assert payload["data"] == {"user": "ada", "missing": None}
    assert payload["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize(
    "query",
    [
        *("{", "{ nothing }", "query A { user } query B { user }", "type A { b: Int }", "subscription { ticks no }"),
        *("{" + " ".join(f"u{n}: user" for n in range(16)) + "}", "subscription {" + " ticks" * 900 + "}"),
    ],
)
def test_a_document_that_cannot_run_is_an_error_and_no_event(client, query):
    (heard,) = client.ask(query)
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "INVALID"


def test_a_subscription_that_is_refused_is_an_error_and_no_event(client):
    (heard,) = client.ask("subscription { hidden }")
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize(
    ("query", "events", "sentence"),
    [
        ("subscription { breaks }", 1, "Something went wrong on our side. Please report it with this id: "),
        ("query crash { user }", 0, "Something went wrong on our side; the log has it under "),
    ],
)
def test_an_unexpected_error_is_one_sentence_and_the_socket_stays_open(client, query, events, sentence):
    *_, last = heard = client.ask(query)
    assert len(heard) == events + 1
    assert last["type"] == "error"
    assert last["payload"][0]["message"].startswith(sentence)
    assert "secret" not in json.dumps(last)
    assert client.ask("{ user }")[-1] == {"type": "complete"}


def test_a_completed_subscription_sends_no_more_and_frees_its_id(client, backend):
    client.subscribe("a", "subscription { waits }")
    assert client.receive()["payload"] == {"data": {"waits": 0}}
    client.send({"type": "complete", "id": "a"})
    assert backend.left.acquire(timeout=20)
    client.subscribe("a", "{ user }")
    assert [client.receive()["type"], client.receive()["type"]] == ["next", "complete"]


def test_completing_an_unknown_id_is_ignored(client):
    client.send({"type": "complete", "id": "unknown"})
    assert client.ask("{ user }")[-1] == {"type": "complete"}


def test_a_closed_socket_ends_its_subscriptions(client, backend):
    for n in range(3):
        client.subscribe(str(n), "subscription { waits }")
        assert client.receive()["type"] == "next"
    client.socket.close()
    assert all(backend.left.acquire(timeout=20) for _ in range(3))


def test_a_started_mutation_runs_to_its_end(api, open_socket, backend):
    client = open_socket(api).initialize()
    client.subscribe("a", 'mutation { keep(text: "a", slowly: true) }')
    assert client.ask("{ user }")
    client.send({"type": "complete", "id": "a"})
    client.socket.close()
    backend.may_go_on.set()
    again = open_socket(api).initialize()
    while backend.kept != ["a"]:
        again.ask("{ user }")


def test_a_mutation_that_is_completed_at_once_runs_without_an_answer(client, backend):
    keep = {"type": "subscribe", "id": "a", "payload": {"query": 'mutation { keep(text: "a") }'}}
    frames = [json.dumps(each).encode() for each in (keep, {"type": "complete", "id": "a"}) * 20]
    # Short frames of text with a mask of zeros, all in one piece.
    client.socket.socket.sendall(b"".join(b"\x81" + bytes([128 + len(each)]) + bytes(4) + each for each in frames))
    client.subscribe("b", "{ user }")
    assert [client.receive(), client.receive()["id"]] == [
        {"id": "b", "type": "next", "payload": {"data": {"user": "ada"}}},
        "b",
    ]
    while len(backend.kept) < 20:
        client.ask("{ user }")


def test_pings_are_answered_before_and_after_the_greeting(socket):
    for ping in ({"type": "ping"}, {"type": "ping", "payload": {"a": 1}}, {"type": "ping", "payload": None}):
        socket.send(ping)
        assert socket.receive() == {"type": "pong"}
    socket.initialize().send({"type": "pong"})
    socket.send({"type": "ping"})
    assert socket.receive() == {"type": "pong"}


def test_pings_of_websocket_itself_are_answered(socket):
    assert socket.socket.ping().wait(20)


def test_half_a_surrogate_pair_comes_back_as_a_question_mark(client):
    client.send('{"type": "subscribe", "id": "a\\ud800", "payload": {"query": "{ user }"}}')
    assert client.receive()["id"] == "a?"


@pytest.mark.parametrize("subprotocols", [["graphql-ws"], ["mqtt"], None, ["graphql-ws", "mqtt"]])
def test_other_protocols_are_closed_with_4406(api, open_socket, subprotocols):
    assert open_socket(api, subprotocols=subprotocols).wait_for_close() == (4406, "Speak graphql-transport-ws.")


def test_of_two_offered_protocols_the_new_one_is_chosen(api, open_socket):
    socket = open_socket(api, subprotocols=["graphql-ws", "graphql-transport-ws"])
    assert socket.socket.subprotocol == "graphql-transport-ws"
    assert socket.initialize().ask("{ user }")


def test_subscribing_before_the_greeting_is_4401(socket, backend):
    socket.send(START)
    assert socket.wait_for_close() == (4401, "Send connection_init first.")
    assert backend.received == []


def test_a_second_greeting_is_4429(client, token):
    client.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    assert client.wait_for_close()[0] == 4429


def test_an_id_that_is_taken_is_4409(client):
    for _ in range(2):
        client.subscribe("a", "subscription { waits }")
    assert client.wait_for_close() == (4409, "An operation with the id a is running.")


def test_no_greeting_in_time_is_4408(serve, parts, open_socket):
    api = serve(replace(parts, socket_limits=SocketLimits(init_seconds=0.05)))
    assert open_socket(api).wait_for_close() == (4408, "No connection_init came in time.")
    assert SocketLimits().init_seconds == 5


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "[]", '"x"', "1", "null", "{}", "[" * 1_000_000, DEEP, '{"type": "ping"} {}', "\ud7ff"),
        *(
            {"type": each}
            for each in (None, 5, [], "", "Ping", "start", "connection_ack", "next", "error", "x" * 9_999)
        ),
        *({"type": kind, "payload": payload} for kind in ("connection_init", "ping") for payload in ([], "x", 5, True)),
        {"type": "ping", "payload": {"n": float("nan")}},
        *({**START, "id": each} for each in (None, 5, [1], {}, "", "x" * 201)),
        *({**START, "payload": each} for each in (None, [], "x", 5, {}, {"query": 5}, {"query": ""}, {"query": None})),
        {**START, "payload": {"query": "{ user }", "variables": [1]}},
        {**START, "payload": {"query": "{ user }", "variables": "x"}},
        {**START, "payload": {"query": "{ user }", "operationName": 5}},
        {**START, "payload": {"query": "{ user }", "extensions": "x"}},
        {"type": "subscribe", "payload": {"query": "{ user }"}},
        {"type": "complete"},
        {"type": "complete", "id": [1]},
        b"\x00\x01",
        json.dumps({"type": "ping"}).encode(),
    ],
    ids=lambda message: repr(message)[:60],
)
def test_what_is_no_message_is_4400(api, open_socket, backend, message, is_known):
    socket = open_socket(api)
    if is_known:
        socket.initialize()
    socket.send(message)
    code, reason = socket.wait_for_close()
    assert code == 4400
    assert reason
    assert backend.received == []


def test_at_the_limit_of_operations_all_run_and_one_more_is_refused(client, backend):
    assert SocketLimits().operations == 100
    for n in range(100):
        client.subscribe(str(n), "subscription { waits }")
    assert {client.receive()["id"] for _ in range(100)} == {str(n) for n in range(100)}
    (refused,) = client.ask("{ user }")
    assert refused["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    client.send({"type": "complete", "id": "7"})
    assert backend.left.acquire(timeout=20)
    assert client.ask("{ user }")[-1] == {"type": "complete"}


def test_sixty_four_kibibytes_of_query_pass_and_one_byte_more_does_not(client, backend):
    def message(size, query):
        text = json.dumps({"type": "subscribe", "id": "a", "payload": {"query": query}})
        return text + " " * (size - len(text))

    keep = 'mutation { keep(text: "") }'
    client.send(message(65_536, "{ user }"))
    assert [client.receive()["type"], client.receive()["type"]] == ["next", "complete"]
    client.send(message(65_537, "{ user }"))
    assert client.receive()["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    client.send(message(2 * 1024 * 1024, keep))
    assert [client.receive()["type"], client.receive()["type"]] == ["next", "complete"]
    assert backend.kept == [""]
    client.send(message(2 * 1024 * 1024 + 1, keep))
    assert client.wait_for_close()[0] == 1009
    assert backend.kept == [""]


def test_what_is_no_websocket_ends_by_its_own_codes(api, open_socket):
    no_text, no_frame = open_socket(api).initialize(), open_socket(api).initialize()
    no_text.socket.send(b'{"type": "ping\xff"}', text=True)
    no_frame.socket.socket.sendall(b"\x81\x02{}")  # not masked, as a client's must be
    assert (no_text.wait_for_close()[0], no_frame.wait_for_close()[0]) == (1007, 1002)


def test_a_message_in_endless_pieces_is_refused_at_the_limit(client):
    def pieces():
        while True:
            yield " " * 65_536

    with suppress(ConnectionClosed):  # refused while it was sending
        client.socket.send(pieces())
    assert client.wait_for_close()[0] == 1009


def test_another_address_is_refused(api, open_socket):
    with pytest.raises(InvalidStatus) as refused:
        open_socket(api, path="/graphql/")
    assert refused.value.response.status_code == 403
