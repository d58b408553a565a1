"""The page that mail links to: public, the same for every id, without data of reports."""

import re


def test_the_page_is_the_same_for_every_id_and_asks_for_a_token(api):
    pages = [api.client.get(f"/reports/{name}") for name in ("abc", "other", "%3Cscript%3E")]
    assert {page.status_code for page in pages} == {200}
    texts = {re.sub(r'nonce="[^"]+"', "", page.text) for page in pages}
    assert len(texts) == 1
    assert 'type="password"' in texts.pop()


def test_only_its_own_script_runs(api):
    page = api.client.get("/reports/abc")
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
    policy = page.headers["content-security-policy"]
    assert f"script-src 'nonce-{nonce}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert nonce != re.findall(r'nonce="([^"]+)"', api.client.get("/reports/abc").text)[0]


def test_it_is_for_reading(api):
    assert api.client.post("/reports/abc").status_code == 405
    assert api.client.get("/reports/").status_code == 404
    assert api.client.get("/reports/a/b").status_code == 404
