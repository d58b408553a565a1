"""The media type of answers."""

import pytest

from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType, negotiate, prefers_html

JSON, RESPONSE = MediaType.JSON, MediaType.RESPONSE


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        (["application/*"], JSON),
        (["application/json"], JSON),
        (["application/graphql-response+json"], RESPONSE),
        (["application/graphql-response+json, application/json"], RESPONSE),
        (["application/json, application/graphql-response+json"], RESPONSE),
        (["application/json", "application/graphql-response+json"], RESPONSE),
        (["application/json, application/graphql-response+json;q=0.9"], JSON),
        (["application/graphql-response+json;q=0.5, */*;q=0.1"], RESPONSE),
        (["application/graphql-response+json, */*"], RESPONSE),
        (["application/json, */*"], JSON),
        (["application/json;q=0, */*"], RESPONSE),
        (["APPLICATION/JSON; charset=UTF-8"], JSON),
        (["text/html, application/xhtml+xml, */*;q=0.8"], JSON),
        (["text/html;q=nonsense, application/json"], JSON),
    ],
)
def test_the_preferred_type_is_answered(accept, expected):
    assert negotiate(accept) is expected


@pytest.mark.parametrize(
    "accept",
    [
        ["application/xml"],
        ["text/html"],
        ["application/json;q=0"],
        ["*/*;q=0"],
        ["application/json; charset=utf-16"],
        ["application/json;q=2"],
        ["application/jsonx"],
        [";;;"],
    ],
)
def test_other_types_are_refused(accept):
    with pytest.raises(Refusal) as caught:
        negotiate(accept)
    assert caught.value.status == 406


def test_a_browser_prefers_html():
    assert prefers_html(["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
    assert not prefers_html(["text/html;q=0"])
    assert not prefers_html(["*/*"])
    assert not prefers_html([])
