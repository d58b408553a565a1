"""Each request has an id and one log line. Neither the line nor the answer holds secrets."""

import io
import json
import logging
from contextlib import ExitStack
from dataclasses import replace

import pytest

from makrcave_analytics.config import Settings
from makrcave_analytics.telemetry import configure

PATH = "/api/v1/analytics/reports/{id}/download"


@pytest.fixture
def lines(serving, parts):
    """A server whose clock advances 0.5 s per reading, and a function that stops it and returns its log."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure(Settings(_env_file=None), stream=stream)
    seconds = iter(range(1_000))
    with ExitStack() as running:
        api = running.enter_context(serving(replace(parts, clock=lambda: next(seconds) / 2)))

        def stop_and_read():
            running.close()  # a line may be written after its answer was read
            return _lines(stream)

        yield api, stop_and_read
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def _lines(stream):
    every = [json.loads(each) for each in stream.getvalue().splitlines()]
    return [each for each in every if each["logger"] == "makrcave_analytics.web"]


def test_a_request_is_one_line(lines):
    api, logged = lines
    secret = 'query Cards { echo(text: "private") }'
    answer = api.post({"query": secret, "operationName": "Cards", "variables": {"v": "hidden"}}, x_request_id="req-1")
    assert answer.headers["x-request-id"] == "req-1"
    (line,) = logged()
    logged_fields = {
        key: line[key] for key in ("event", "method", "path", "status", "ms", "user_id", "operation", "request_id")
    }
    assert logged_fields == {
        "event": "answered",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "ms": 500.0,
        "user_id": "ada",
        "operation": "Cards",
        "request_id": "req-1",
    }
    assert not any(word in json.dumps(line) for word in ("private", "hidden", api.token))


def test_ids_and_signatures_stay_out_of_the_line(lines):
    api, logged = lines
    api.get("/api/v1/analytics/reports/r-secret/download?signature=sig-secret")
    api.get("/graphql?query={secret}")
    api.get("/secret")
    logged_fields = logged()
    assert [(each["path"], each["status"]) for each in logged_fields] == [
        (PATH, 404),
        ("/graphql", 200),
        ("(no route)", 404),
    ]
    assert "secret" not in json.dumps(logged_fields)


def test_an_invalid_operation_name_stays_out_of_the_line(lines):
    api, logged = lines
    api.post({"query": "{ user }", "operationName": "a\nforged: line"})
    assert [each["operation"] for each in logged()] == [None]


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "<script>"])
def test_an_id_that_could_forge_a_line_is_replaced(api, sent):
    answer = api.post({"query": "{ user }"}, x_request_id=sent)
    assert answer.headers["x-request-id"] not in ("", sent)


def test_requests_have_ids_of_their_own(api):
    assert len({api.post({"query": "{ user }"}).headers["x-request-id"] for _ in range(3)}) == 3


def test_an_unexpected_error_is_one_sentence_with_an_id_and_the_log_has_the_rest(lines):
    api, logged = lines
    answer = api.post({"query": "{ crash: user }"}, x_request_id="req-2")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "req-2"
    assert answer.headers["x-content-type-options"] == "nosniff"
    sentence = "Something went wrong on our side; the log has it under req-2."
    extensions = {"code": "INTERNAL", "requestId": "req-2"}
    assert answer.json() == {"errors": [{"message": sentence, "extensions": extensions}]}
    assert api.post({"query": "{ user }"}).status_code == 200
    failure, line, _next = logged()
    assert failure["event"] == "unexpected error"
    assert failure["request_id"] == "req-2"
    assert "RuntimeError: SELECT secret" in failure["exception"]
    assert line["status"] == 500
