"""Headers of every answer, and CORS."""

from dataclasses import replace

import pytest

FRONTEND = "https://portal.example"


@pytest.mark.parametrize("path", ["/graphql?query={user}", "/healthz", "/nowhere", "/graphql"])
def test_every_answer_has_the_security_headers(api, path):
    headers = api.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]
    assert headers["cache-control"] == "private, no-store"


def test_an_unknown_address_is_a_404_in_json(api):
    answer = api.get("/graphql/")
    assert answer.status_code == 404
    assert answer.json() == {"errors": [{"message": "Not Found.", "extensions": {"code": "NOT_FOUND"}}]}


def test_without_a_setting_no_other_site_may_read(api):
    answer = api.get("/graphql?query={user}", origin=FRONTEND)
    assert "access-control-allow-origin" not in answer.headers


def test_frontends_that_are_named_may_read_and_others_not(serve, parts):
    api = serve(replace(parts, allowed_origins=(FRONTEND,)))
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    allowed = api.client.options("/graphql", headers={"origin": FRONTEND, **asked})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == FRONTEND
    assert "access-control-allow-credentials" not in allowed.headers
    assert api.client.options("/graphql", headers={"origin": "https://other.example", **asked}).status_code == 400
    assert api.post({"query": "{ user }"}, origin=FRONTEND).headers["access-control-allow-origin"] == FRONTEND
    refused = api.post({"query": "{ user }"}, origin="https://other.example")
    assert "access-control-allow-origin" not in refused.headers


def test_a_named_frontend_may_read_failures_too(serve, parts):
    api = serve(replace(parts, allowed_origins=(FRONTEND,)))
    for query in ("{ crash: user }", "{ user }"):
        answer = api.post({"query": query}, origin=FRONTEND)
        assert answer.headers["access-control-allow-origin"] == FRONTEND
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
