"""Report files over signed links: whole or a range, under a safe name."""

import os
from dataclasses import replace

import pytest
from tests.web.conftest import Kept

from makrcave_analytics.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable

LINK = "/api/v1/analytics/reports/r1/download?signature=right"


def fetch(api, link=LINK, **headers):
    return api.client.get(link, headers={key.replace("_", "-"): value for key, value in headers.items()})


def test_a_good_link_gives_the_file_without_a_token(api, file):
    answer = fetch(api)
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-length"] == "10"
    assert answer.headers["content-disposition"] == "attachment; filename=\"usage.csv\"; filename*=UTF-8''usage.csv"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_head_request_gives_the_size(api, file):
    answer = api.client.head(LINK)
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "10", b"")


def test_a_file_larger_than_a_chunk_comes_whole(api, files, tmp_path):
    content = os.urandom(700_001)
    (tmp_path / "large").write_bytes(content)
    files.downloads["r1"] = Kept(tmp_path / "large", "large.bin", "application/octet-stream")
    assert fetch(api).content == content
    assert fetch(api, range="bytes=262143-524288").content == content[262_143:524_289]


def test_an_empty_file_is_a_file(api, files, tmp_path):
    (tmp_path / "empty").touch()
    files.downloads["r1"] = Kept(tmp_path / "empty", "empty.csv", "text/csv")
    assert (fetch(api).status_code, fetch(api).content) == (200, b"")
    assert fetch(api, range="bytes=0-").status_code == 416


@pytest.mark.parametrize(
    ("asked", "content", "header"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-999999999999", b"56789", "bytes 5-9/10"),
    ],
)
def test_one_range_is_served(api, file, asked, content, header):
    answer = fetch(api, range=asked)
    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["content-range"] == header
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000)),
        "bytes=0-1,3-4",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "lines=1-2",
        "bytes=" + "9" * 5_000 + "-",
    ],
)
def test_other_ranges_get_the_whole(api, file, asked):
    answer = fetch(api, range=asked)
    assert (answer.status_code, answer.content) == (200, b"0123456789")


def test_a_conditional_range_gets_the_whole(api, file):
    assert fetch(api, range="bytes=0-1", if_range='"etag"').content == b"0123456789"


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=5-4", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused(api, file, asked):
    answer = fetch(api, range=asked)
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")


@pytest.mark.parametrize(
    "link",
    [
        "/api/v1/analytics/reports/r1/download",
        "/api/v1/analytics/reports/r1/download?signature=wrong",
        "/api/v1/analytics/reports/r2/download?signature=right",
        "/api/v1/analytics/reports/r1/download?signature=right&signature=right",
        "/api/v1/analytics/reports/r1/download?signature=%ff",
        "/api/v1/analytics/reports/../../../../etc/passwd/download?signature=right",
        "/api/v1/analytics/reports/%2e%2e%2f%2e%2e%2fetc%2fpasswd/download?signature=right",
        "/api/v1/analytics/reports//etc/passwd/download?signature=right",
        "/api/v1/analytics/reports/r1%00/download?signature=right",
        f"/api/v1/analytics/reports/{'r' * 10_000}/download?signature=right",
    ],
)
def test_a_bad_link_reveals_nothing(api, file, link):
    answer = fetch(api, link)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.parametrize("error", [Unauthenticated("forged"), Forbidden("no"), NotFound("no"), Invalid("no")])
def test_all_bad_links_get_the_same_answer(serve, parts, error):
    async def refuse(_id, _parameters):
        raise error

    answer = fetch(serve(replace(parts, open_download=refuse)))
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"] == "No such file, or the link is no longer good."


def test_an_unavailable_database_is_a_503(serve, parts):
    async def away(_id, _parameters):
        raise Unavailable("The database does not answer.")

    answer = fetch(serve(replace(parts, open_download=away)))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def test_a_file_that_is_gone_is_a_410(api, file):
    file.path.unlink()
    assert fetch(api).status_code == 410


def test_a_file_deleted_while_it_is_sent_arrives_whole(api, files, tmp_path):
    path, size = tmp_path / "large", 30_000_000
    path.write_bytes(b"x" * size)
    files.downloads["r1"] = Kept(path, "large.bin", "application/octet-stream")
    with api.client.stream("GET", LINK) as answer:
        path.unlink()
        assert sum(map(len, answer.iter_bytes())) == size


@pytest.mark.parametrize(
    ("name", "plain", "exact"),
    [
        ("Übersicht März.csv", "_bersicht M_rz.csv", "%C3%9Cbersicht%20M%C3%A4rz.csv"),
        ('a"b\\c/d%e.csv', "a_b_c_d_e.csv", "a%22b%5Cc_d%25e.csv"),
        ("a\r\nset-cookie: x.csv", "a__set-cookie: x.csv", "a__set-cookie%3A%20x.csv"),
        ("..\\..\\a.csv", ".._.._a.csv", "..%5C..%5Ca.csv"),
        ("half\ud800.csv", "half_.csv", "half_.csv"),
        ("right\u202eleft.csv", "right_left.csv", "right_left.csv"),
        ("x" * 300 + ".csv", "x" * 140 + ".csv", "x" * 140 + ".csv"),
    ],
)
def test_a_name_is_safe_in_both_forms(api, files, file, name, plain, exact):
    files.downloads["r1"] = replace(file, name=name)
    header = fetch(api).headers["content-disposition"]
    assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact.replace('c_d', 'c%2Fd')}"


def test_the_link_is_for_reading(api, file):
    answer = api.client.delete(LINK)
    assert answer.status_code == 405
    assert file.path.exists()
