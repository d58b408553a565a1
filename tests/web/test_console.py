"""GraphiQL's page: public, without data, with a token only on the demo's own machine."""

import json
import re

import pytest

from makrcave_analytics.schema.engine.limits import check_document
from makrcave_analytics.web.console import Console, examples

TOKEN = "eyJh.eyJz.c2ln"


def text(console, host="127.0.0.1:8000"):
    return console.page(host).body.decode()


def filling(page):
    (found,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(found)


def test_the_public_page_holds_nothing():
    assert filling(text(Console())) | {"memory": ""} == {"headers": "", "documents": [], "memory": ""}


def test_the_page_of_the_demo_holds_token_and_examples():
    filled = filling(text(Console(TOKEN, examples())))
    assert json.loads(filled["headers"]) == {"Authorization": f"Bearer {TOKEN}"}
    assert filled["documents"] == list(examples())


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_on_its_own_machine_the_page_holds_the_token(host):
    assert TOKEN in text(Console(TOKEN), host)


@pytest.mark.parametrize(
    "host", ["", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.7"]
)
def test_under_a_foreign_name_the_token_stays_out(host):
    assert TOKEN not in text(Console(TOKEN), host)


def test_an_example_cannot_end_its_element():
    document = "# </script><script>alert(1)</script> {{nonce}}"
    page = text(Console(None, (document,)))
    assert "alert(1)</script>" not in page
    assert filling(page)["documents"] == [document]


def test_files_of_the_cdn_have_a_hash():
    page = text(Console())
    foreign = re.findall(r"<(?:script|link)[^>]*https:[^>]*>", page)
    assert len(foreign) == 4
    for element in foreign:
        assert re.search(r' integrity="sha384-[A-Za-z0-9+/]{64}" crossorigin ', element)
        assert re.search(r"https://cdn\.jsdelivr\.net/npm/[a-z-]+@\d+\.\d+\.\d+/", element)


def test_only_what_carries_the_nonce_of_this_page_runs():
    answers = [Console().page("localhost") for _ in range(2)]
    nonces = [re.search(r"'nonce-([\w-]{22})'", each.headers["content-security-policy"])[1] for each in answers]
    assert nonces[0] != nonces[1]
    for answer, nonce in zip(answers, nonces, strict=True):
        elements = re.findall(r"<(?:script|style)[^>]*>|<link[^>]*stylesheet[^>]*>", answer.body.decode())
        assert len(elements) == 7
        assert all(f'nonce="{nonce}"' in each for each in elements)
        assert "{{" not in re.sub(r"<script type=.*?</script>", "", answer.body.decode())
    policy = answers[0].headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-" in policy
    assert "frame-ancestors 'none'" in policy
    assert answers[0].headers["cache-control"] == "no-store"


def test_the_examples_are_documents_within_the_limits():
    assert len(examples()) == 7
    for document in examples():
        check_document(document)
