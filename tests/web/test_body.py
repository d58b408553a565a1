"""Bodies of POST requests. A bad body gets a status and a GraphQL error, and nothing runs."""

import gzip
import json
import socket
from dataclasses import replace

import pytest

from makrcave_analytics.web import BodyLimits
from makrcave_analytics.web.body import MAX_LEVELS, decode
from makrcave_analytics.web.http_error import Refusal

QUERY = {"query": '{ echo(text: "a") }'}
POST = "POST /graphql HTTP/1.1\ncontent-type: application/json"


def status_of(connection: socket.socket) -> int:
    """Read until the server closes, and return the status of its answer."""
    with connection, connection.makefile("rb") as answer:
        return int(answer.read().split(b" ", 2)[1])


def test_a_query_is_answered(api):
    answer = api.post(QUERY)
    assert answer.status_code == 200
    assert answer.json() == {"data": {"echo": "a"}}


def test_unknown_members_and_nulls_are_ignored(api):
    body = QUERY | {"variables": None, "operationName": None, "extensions": {"a": 1}, "id": 7}
    assert api.post(body).json() == {"data": {"echo": "a"}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"x"', id="text"),
        pytest.param(b"1", id="number"),
        pytest.param(b"[]", id="array"),
        pytest.param(json.dumps([QUERY, QUERY]).encode(), id="batch"),
        pytest.param(b"{}", id="no query"),
        pytest.param(b'{"query": 5}', id="query of a number"),
        pytest.param(b'{"query": ["{ user }"]}', id="query of a list"),
        pytest.param(b'{"query": null}', id="query of null"),
        pytest.param(b'{"query": ""}', id="query of nothing"),
        pytest.param(json.dumps(QUERY | {"variables": "x"}).encode(), id="variables of a text"),
        pytest.param(json.dumps(QUERY | {"variables": [1]}).encode(), id="variables of a list"),
        pytest.param(json.dumps(QUERY | {"variables": 5}).encode(), id="variables of a number"),
        pytest.param(json.dumps(QUERY | {"extensions": "x"}).encode(), id="extensions of a text"),
        pytest.param(json.dumps(QUERY | {"operationName": 5}).encode(), id="operationName of a number"),
        pytest.param(b'{"query": "{ user \xff }"}', id="not UTF-8"),
        pytest.param(b'{"query": "{ user \xed\xa0\x80 }"}', id="a surrogate as UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(QUERY).encode(), id="a byte order mark"),
        pytest.param(json.dumps(QUERY).encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"query": "{ user }", "variables": {"n": ' + b"9" * 5_000 + b"}}", id="5,000 digits"),
        pytest.param(b'{"query": "{ user }", "variables": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="lists"),
        pytest.param(b'{"query": "{ user }", "a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, id="objects"),
        pytest.param(b"[" * 1_000_000, id="open lists"),
        pytest.param(b'{"query": "{ user }", "variables": {"n": NaN}}', id="NaN"),
        pytest.param(b'{"query": "{ user }", "variables": {"n": Infinity}}', id="Infinity"),
        pytest.param(b'{"query": "{ user }", "variables": {"n": -Infinity}}', id="-Infinity"),
        pytest.param(json.dumps(QUERY).encode() + b"x", id="a trailing letter"),
        pytest.param(json.dumps(QUERY).encode() * 2, id="two bodies"),
        pytest.param(b"{'query': '{ user }'}", id="Python"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_an_invalid_body_is_a_400(api, backend, body, accept):
    answer = api.post(body, accept=accept)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert "data" not in answer.json()
    assert backend.received == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"query": "query A { user } query B { user }"}, id="two operations without a name"),
        pytest.param(QUERY | {"operationName": "Nobody"}, id="an unknown operation"),
        pytest.param({"query": "type Query { user: String }"}, id="SDL"),
        pytest.param({"query": "subscription { ticks }"}, id="a subscription"),
        pytest.param({"query": "{ user \0 }"}, id="NUL"),
        pytest.param({"query": '{ echo(text: "\ud800") }'}, id="half a surrogate pair"),
        pytest.param({"query": "{"}, id="a syntax error"),
        pytest.param({"query": "{ nothing }"}, id="an unknown field"),
        pytest.param({"query": "query($t: String!) { echo(text: $t) }"}, id="a missing variable"),
    ],
)
def test_a_document_that_cannot_run_is_refused_with_errors_and_no_data(api, body):
    strict, lenient = api.post(body), api.post(body, accept="application/json")
    assert (strict.status_code, lenient.status_code) == (400, 200)
    assert strict.json() == lenient.json()
    assert strict.json()["errors"]
    assert "data" not in strict.json()


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/jsonx",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json, text/plain",
    ],
)
def test_only_json_in_utf_8_is_taken(api, backend, kind):
    assert api.post({"query": 'mutation { keep(text: "a") }'}, content_type=kind).status_code == 415
    assert backend.received == []


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_in_utf_8_is_taken_however_it_is_spelled(api, kind):
    assert api.post(QUERY, content_type=kind).status_code == 200


def test_two_content_types_are_refused(api):
    body = json.dumps(QUERY).encode()
    connection = api.raw(f"{POST}\ncontent-type: text/plain\ncontent-length: {len(body)}", body)
    assert status_of(connection) == 415


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_not_unpacked(api, backend, encoding):
    assert api.post(gzip.compress(json.dumps(QUERY).encode()), content_encoding=encoding).status_code == 415
    assert backend.received == []


def test_ten_megabytes_are_refused_by_their_content_length(api, backend):
    # Nothing of the body is ever sent, so the answer cannot have waited for it.
    assert status_of(api.raw(f"{POST}\ncontent-length: 10000000")) == 413
    assert backend.received == []


def test_a_client_that_sends_ten_megabytes_is_answered(api):
    answer = api.post({"query": "{ user }" + " " * 10_000_000})
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_endless_chunks_are_refused_at_the_limit(api, backend):
    connection = api.raw(f"{POST}\ntransfer-encoding: chunked")
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    for _ in range(32):
        connection.sendall(chunk)  # 2 MiB to the byte: nothing is wrong yet
    connection.sendall(b"1\r\n \r\n")  # and one byte more; the body never ends
    assert status_of(connection) == 413
    assert backend.received == []


def test_two_mebibytes_of_mutation_pass_and_one_byte_more_does_not(api, backend):
    frame = json.dumps({"query": "mutation($t: String!) { keep(text: $t) }", "variables": {"t": ""}})
    room = 2 * 1024 * 1024 - len(frame)
    body = frame.replace('"t": ""', f'"t": "{"x" * room}"').encode()
    assert len(body) == 2 * 1024 * 1024
    assert api.post(body).json() == {"data": {"keep": 1}}
    assert [len(each) for each in backend.kept] == [room]
    assert api.post(body + b" ").status_code == 413


def test_sixty_four_kibibytes_of_query_pass_and_one_byte_more_does_not(api):
    frame = json.dumps({"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": ""}})
    body = frame.replace('"t": ""', f'"t": "{"x" * (64 * 1024 - len(frame))}"').encode()
    assert api.post(body).status_code == 200
    refused = api.post(body + b" ")
    assert refused.status_code == 413
    assert refused.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("query", ["subscription { ticks }", "{ nonsense", "mutation A { user } query B { user }"])
def test_only_mutations_may_be_large(api, query):
    assert api.post({"query": query, "x": "x" * 65_536}).status_code == 413


def test_a_slow_body_is_refused(serve, parts, backend):
    hurried = serve(replace(parts, body_limits=BodyLimits(seconds=0.05)))
    assert status_of(hurried.raw(f"{POST}\ncontent-length: 100", b"{")) == 408
    assert status_of(hurried.raw(f"{POST}\ntransfer-encoding: chunked", b"1\r\n{\r\n")) == 408
    assert backend.received == []


def test_a_disconnect_does_not_disturb_other_requests(api, backend):
    api.raw(f"{POST}\ncontent-length: 100", b"{").close()
    assert api.post(QUERY).status_code == 200
    assert len(backend.received) == 1


def test_json_has_as_many_levels_as_allowed_and_no_more():
    assert decode("[" * MAX_LEVELS + "]" * MAX_LEVELS)
    with pytest.raises(Refusal):
        decode("[" * (MAX_LEVELS + 1) + "]" * (MAX_LEVELS + 1))


def test_large_numbers_are_left_to_the_schema():
    assert decode('{"a": 1e400, "b": 123456789012345678901234567890}')["b"] == 123456789012345678901234567890
