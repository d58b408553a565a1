"""The protocol graphql-transport-ws, and its violations."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from makrcave_analytics.web import SocketLimits

START = {"type": "subscribe", "id": "a", "payload": {"query": "{ user }"}}
DEEP = "[" * 100_000 + "]" * 100_000


def test_a_query_is_answered_and_completed(talk):
    assert talk.ask("{ user }") == [{"type": "next", "payload": {"data": {"user": "ada"}}}, {"type": "complete"}]


def test_variables_and_the_operations_name_are_passed_on(talk):
    query = "query A($t: String!) { echo(text: $t) } query B { user }"
    heard = talk.ask(query, variables={"t": "grüße"}, operationName="A", extensions={})
    assert heard[0]["payload"] == {"data": {"echo": "grüße"}}


def test_a_mutation_is_run(talk, backend):
    assert talk.ask('mutation { keep(text: "a") }')[0]["payload"] == {"data": {"keep": 1}}
    assert backend.kept == ["a"]


def test_a_subscription_sends_each_event_and_its_end(talk):
    heard = talk.ask("subscription { ticks(count: 3) }")
    assert [each.get("payload") for each in heard] == [{"data": {"ticks": n}} for n in range(3)] + [None]


def test_operations_run_side_by_side(talk, backend):
    talk.start("slow", "{ slow }")
    talk.start("quick", "{ user }")
    assert [talk.hear()["id"], talk.hear()["id"]] == ["quick", "quick"]
    backend.may_go_on.set()
    assert [talk.hear()["id"], talk.hear()["id"]] == ["slow", "slow"]


def test_the_error_of_a_field_comes_with_the_data(talk):
    payload = talk.ask("{ user missing }")[0]["payload"]
    assert payload["data"] == {"user": "ada", "missing": None}
    assert payload["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize(
    "query",
    [
        *("{", "{ nothing }", "query A { user } query B { user }", "type A { b: Int }", "subscription { ticks no }"),
        *("{" + " ".join(f"u{n}: user" for n in range(16)) + "}", "subscription {" + " ticks" * 900 + "}"),
    ],
)
def test_a_document_that_cannot_run_is_an_error_and_no_event(talk, query):
    (heard,) = talk.ask(query)
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "INVALID"


def test_a_subscription_that_is_refused_is_an_error_and_no_event(talk):
    (heard,) = talk.ask("subscription { hidden }")
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize(
    ("query", "events", "sentence"),
    [
        ("subscription { breaks }", 1, "Something went wrong on our side. Please report it with this id: "),
        ("query crash { user }", 0, "Something went wrong on our side; the log has it under "),
    ],
)
def test_an_unexpected_error_is_one_sentence_and_the_socket_stays_open(talk, query, events, sentence):
    *_, last = heard = talk.ask(query)
    assert len(heard) == events + 1
    assert last["type"] == "error"
    assert last["payload"][0]["message"].startswith(sentence)
    assert "secret" not in json.dumps(last)
    assert talk.ask("{ user }")[-1] == {"type": "complete"}


def test_a_completed_subscription_sends_no_more_and_frees_its_id(talk, backend):
    talk.start("a", "subscription { waits }")
    assert talk.hear()["payload"] == {"data": {"waits": 0}}
    talk.say({"type": "complete", "id": "a"})
    assert backend.left.acquire(timeout=20)
    talk.start("a", "{ user }")
    assert [talk.hear()["type"], talk.hear()["type"]] == ["next", "complete"]


def test_completing_an_unknown_id_is_ignored(talk):
    talk.say({"type": "complete", "id": "unknown"})
    assert talk.ask("{ user }")[-1] == {"type": "complete"}


def test_a_closed_socket_ends_its_subscriptions(talk, backend):
    for n in range(3):
        talk.start(str(n), "subscription { waits }")
        assert talk.hear()["type"] == "next"
    talk.socket.close()
    assert all(backend.left.acquire(timeout=20) for _ in range(3))


def test_a_started_mutation_runs_to_its_end(api, open_socket, backend):
    talk = open_socket(api).greet()
    talk.start("a", 'mutation { keep(text: "a", slowly: true) }')
    assert talk.ask("{ user }")
    talk.say({"type": "complete", "id": "a"})
    talk.socket.close()
    backend.may_go_on.set()
    again = open_socket(api).greet()
    while backend.kept != ["a"]:
        again.ask("{ user }")


def test_a_mutation_that_is_completed_at_once_runs_without_an_answer(talk, backend):
    keep = {"type": "subscribe", "id": "a", "payload": {"query": 'mutation { keep(text: "a") }'}}
    frames = [json.dumps(each).encode() for each in (keep, {"type": "complete", "id": "a"}) * 20]
    # Short frames of text with a mask of zeros, all in one piece.
    talk.socket.socket.sendall(b"".join(b"\x81" + bytes([128 + len(each)]) + bytes(4) + each for each in frames))
    talk.start("b", "{ user }")
    assert [talk.hear(), talk.hear()["id"]] == [{"id": "b", "type": "next", "payload": {"data": {"user": "ada"}}}, "b"]
    while len(backend.kept) < 20:
        talk.ask("{ user }")


def test_pings_are_answered_before_and_after_the_greeting(socket):
    for ping in ({"type": "ping"}, {"type": "ping", "payload": {"a": 1}}, {"type": "ping", "payload": None}):
        socket.say(ping)
        assert socket.hear() == {"type": "pong"}
    socket.greet().say({"type": "pong"})
    socket.say({"type": "ping"})
    assert socket.hear() == {"type": "pong"}


def test_pings_of_websocket_itself_are_answered(socket):
    assert socket.socket.ping().wait(20)


def test_half_a_surrogate_pair_comes_back_as_a_question_mark(talk):
    talk.say('{"type": "subscribe", "id": "a\\ud800", "payload": {"query": "{ user }"}}')
    assert talk.hear()["id"] == "a?"


@pytest.mark.parametrize("subprotocols", [["graphql-ws"], ["mqtt"], None, ["graphql-ws", "mqtt"]])
def test_other_protocols_are_closed_with_4406(api, open_socket, subprotocols):
    assert open_socket(api, subprotocols=subprotocols).ending() == (4406, "Speak graphql-transport-ws.")


def test_of_two_offered_protocols_the_new_one_is_chosen(api, open_socket):
    socket = open_socket(api, subprotocols=["graphql-ws", "graphql-transport-ws"])
    assert socket.socket.subprotocol == "graphql-transport-ws"
    assert socket.greet().ask("{ user }")


def test_subscribing_before_the_greeting_is_4401(socket, backend):
    socket.say(START)
    assert socket.ending() == (4401, "Send connection_init first.")
    assert backend.received == []


def test_a_second_greeting_is_4429(talk, token):
    talk.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    assert talk.ending()[0] == 4429


def test_an_id_that_is_taken_is_4409(talk):
    for _ in range(2):
        talk.start("a", "subscription { waits }")
    assert talk.ending() == (4409, "An operation with the id a is running.")


def test_no_greeting_in_time_is_4408(serve, parts, open_socket):
    api = serve(replace(parts, socket_limits=SocketLimits(init_seconds=0.05)))
    assert open_socket(api).ending() == (4408, "No connection_init came in time.")
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
        socket.greet()
    socket.say(message)
    code, reason = socket.ending()
    assert code == 4400
    assert reason
    assert backend.received == []


def test_at_the_limit_of_operations_all_run_and_one_more_is_refused(talk, backend):
    assert SocketLimits().operations == 100
    for n in range(100):
        talk.start(str(n), "subscription { waits }")
    assert {talk.hear()["id"] for _ in range(100)} == {str(n) for n in range(100)}
    (refused,) = talk.ask("{ user }")
    assert refused["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    talk.say({"type": "complete", "id": "7"})
    assert backend.left.acquire(timeout=20)
    assert talk.ask("{ user }")[-1] == {"type": "complete"}


def test_sixty_four_kibibytes_of_query_pass_and_one_byte_more_does_not(talk, backend):
    def message(size, query):
        text = json.dumps({"type": "subscribe", "id": "a", "payload": {"query": query}})
        return text + " " * (size - len(text))

    keep = 'mutation { keep(text: "") }'
    talk.say(message(65_536, "{ user }"))
    assert [talk.hear()["type"], talk.hear()["type"]] == ["next", "complete"]
    talk.say(message(65_537, "{ user }"))
    assert talk.hear()["payload"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    talk.say(message(2 * 1024 * 1024, keep))
    assert [talk.hear()["type"], talk.hear()["type"]] == ["next", "complete"]
    assert backend.kept == [""]
    talk.say(message(2 * 1024 * 1024 + 1, keep))
    assert talk.ending()[0] == 1009
    assert backend.kept == [""]


def test_what_is_no_websocket_ends_by_its_own_codes(api, open_socket):
    no_text, no_frame = open_socket(api).greet(), open_socket(api).greet()
    no_text.socket.send(b'{"type": "ping\xff"}', text=True)
    no_frame.socket.socket.sendall(b"\x81\x02{}")  # not masked, as a client's must be
    assert (no_text.ending()[0], no_frame.ending()[0]) == (1007, 1002)


def test_a_message_in_endless_pieces_is_refused_at_the_limit(talk):
    def pieces():
        while True:
            yield " " * 65_536

    with suppress(ConnectionClosed):  # refused while it was sending
        talk.socket.send(pieces())
    assert talk.ending()[0] == 1009


def test_another_address_is_refused(api, open_socket):
    with pytest.raises(InvalidStatus) as refused:
        open_socket(api, path="/graphql/")
    assert refused.value.response.status_code == 403
