"""Methods, tokens and statuses of /graphql."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from makrcave_analytics.errors import RateLimited, Unauthenticated, Unavailable

QUERY = {"query": "{ user }"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(api, accept="application/json", **parameters):
    return api.get(f"/graphql?{urlencode(parameters)}", accept=accept)


def test_resolvers_see_the_viewer(api):
    assert api.post(QUERY).json() == {"data": {"user": "ada"}}


def test_a_get_runs_a_query_with_variables_and_name(api):
    query = "query A($t: String!) { echo(text: $t) } query B { user }"
    answer = get(api, query=query, variables='{"t": "grüße"}', operationName="A", extensions="{}")
    assert answer.json() == {"data": {"echo": "grüße"}}
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_get_with_a_mutation_is_not_allowed(api, backend):
    mutation = 'mutation A { keep(text: "a") }'
    for answer in (get(api, query=mutation), get(api, query=mutation + " query B { user }", operationName="A")):
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"
    assert backend.received == []


@pytest.mark.parametrize(
    "query_string",
    [
        pytest.param("", id="nothing"),
        pytest.param("query=", id="an empty query"),
        pytest.param("variables={}", id="variables alone"),
        pytest.param("query=%7Buser%7D&variables=x", id="variables that are no JSON"),
        pytest.param("query=%7Buser%7D&variables=[1]", id="variables of a list"),
        pytest.param("query=%7Buser%7D&extensions=5", id="extensions of a number"),
        pytest.param("query=%7Buser%7D&query=%7Buser%7D", id="two queries"),
        pytest.param("query=%7Buser%FF%7D", id="not UTF-8"),
        pytest.param("&".join(f"a{n}=1" for n in range(30)), id="many parameters"),
        pytest.param("query=%7Buser%00%7D", id="NUL"),
        pytest.param("query=subscription%7Bticks%7D", id="a subscription"),
    ],
)
def test_a_malformed_get_is_a_400(api, query_string):
    answer = api.get(f"/graphql?{query_string}", accept="application/graphql-response+json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_query_string_has_its_limit(api):
    for length, status in ((16_384, b"200"), (16_385, b"414")):
        query = "query=%7Buser%7D" + "+" * (length - 16)
        with api.raw(f"GET /graphql?{query} HTTP/1.1\nconnection: close") as connection:
            assert connection.makefile("rb").readline().split()[1] == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_not_allowed(api, backend, method):
    answer = api.client.request(method, "/graphql", headers={"authorization": f"Bearer {api.token}"})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}
    assert backend.received == []


def test_a_head_has_no_body(api):
    answer = api.client.head("/graphql?query={user}", headers={"authorization": f"Bearer {api.token}"})
    assert (answer.status_code, answer.content) == (200, b"")


def test_xml_is_not_acceptable(api, backend):
    assert api.post(QUERY, accept="application/xml").status_code == 406
    assert get(api, accept="application/xml", query="{user}").status_code == 406
    assert backend.received == []


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_the_answer_is_of_the_type_that_was_asked_for(api, accept):
    assert api.post(QUERY, accept=accept).headers["content-type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c", f"Bearer {'a' * 9_000}"]
)
def test_without_a_good_token_the_answer_is_one_generic_401(api, backend, authorization):
    answer = api.post(QUERY, authorization=authorization)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    extensions = {"code": "UNAUTHENTICATED"}
    assert answer.json() == {"errors": [{"message": "A valid bearer token is needed.", "extensions": extensions}]}
    assert backend.received == []


def test_a_megabyte_of_token_is_refused_and_the_server_goes_on(api, backend):
    assert api.post(QUERY, authorization=f"Bearer {'a' * 1_000_000}").status_code in (400, 401, 431)
    assert backend.received == []
    assert api.post(QUERY).status_code == 200


def test_two_tokens_are_refused(api, backend):
    pairs = [("authorization", f"Bearer {api.token}")] * 2 + [("content-type", "application/json")]
    assert api.client.post("/graphql", headers=pairs, content=b'{"query": "{ user }"}').status_code == 401
    assert backend.received == []


def test_a_token_in_the_query_string_is_ignored(api, backend):
    answer = api.client.get("/graphql", params={"query": "{ user }", "access_token": api.token, "token": api.token})
    assert answer.status_code == 401
    assert backend.received == []


def test_without_a_token_errors_of_the_body_are_not_revealed(api):
    assert api.post(b"{", authorization=None).status_code == 401


def test_a_field_that_fails_leaves_a_200(api):
    answer = api.post({"query": "{ user missing database }"})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"user": "ada", "missing": None, "database": None}
    assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["NOT_FOUND", "UNAVAILABLE"]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_when_every_field_fails_for_the_database_the_status_is_503(api, accept):
    answer = api.post({"query": "{ database }"}, accept=accept)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) <= 3
    assert answer.json()["data"] == {"database": None}


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Unavailable("The keys cannot be had."), 503, "retry-after"),
        (RateLimited("Too fast."), 429, "retry-after"),
        (Unauthenticated("erased"), 401, "www-authenticate"),
    ],
)
def test_an_error_of_the_whole_request_has_its_status(serve, parts, error, status, header):
    async def execute(_operation, _viewer):
        raise error

    answer = serve(replace(parts, execute=execute)).post(QUERY)
    assert answer.status_code == status
    assert header in answer.headers
    assert answer.json()["errors"][0]["message"] == error.message


def test_half_a_surrogate_pair_in_an_answer_is_no_error(api):
    body = {"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": "a\ud800b"}}
    assert api.post(body).json() == {"data": {"echo": "a?b"}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param(
            "{ ...F0 }"
            + "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
            + "fragment F60 on Query { user }",
            "QUERY_TOO_EXPENSIVE",
        ),
        pytest.param("{" * 10_000, "INVALID"),
        pytest.param("{ echo(text: " + "[" * 20_000, "INVALID"),
        pytest.param("{" + " user" * 900 + "}", "INVALID"),
        pytest.param("{" + " ".join(f"u{n}: user" for n in range(16)) + "}", "INVALID"),
        pytest.param("{ user" + " @skip(if: true)" * 51 + "}", "INVALID"),
        pytest.param("{" + "".join(f" nothing{n}" for n in range(20)) + "}", "INVALID"),
        pytest.param("{ ...A } fragment A on Query { ...A user }", "INVALID"),
    ],
)
def test_a_document_beyond_the_limits_is_refused_briefly(api, document, code):
    answer = api.post({"query": document})
    assert answer.status_code == 400
    assert answer.json()["errors"][-1]["extensions"]["code"] == code
    assert len(answer.json()["errors"]) <= 10
    assert len(answer.content) < 10_000


def test_injected_sql_is_text(api):
    text = "'; DROP TABLE usage_events; --"
    body = {"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": text}}
    assert api.post(body).json() == {"data": {"echo": text}}


def test_a_browser_without_a_query_gets_the_console_without_a_token(api):
    answer = api.client.get("/graphql", headers={"accept": BROWSER})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert api.client.get("/graphql?query={user}", headers={"accept": BROWSER}).status_code == 401
