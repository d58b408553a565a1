"""Webhooks: signed, sent to checked addresses only, within a time limit."""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.reports.certificates import tls_for
from tests.reports.receiver import receiving

from makrcave_analytics.reports.delivery.webhook import Undelivered, Webhooks, resolve, sign
from makrcave_analytics.reports.recipients import is_public

BODY = b'{"event": "report.completed"}'


class Names:
    """A name server that answers with each list in turn, and counts the queries."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


def test_the_signature_can_be_checked_as_documented() -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    expected = hmac.new(b"whsec_x", b"1795608000." + BODY, hashlib.sha256).hexdigest()
    assert sign("whsec_x", BODY, at) == f"t=1795608000,v1={expected}"


async def test_a_message_arrives_unchanged_with_the_name_as_host() -> None:
    names = Names(["127.0.0.1"])
    async with receiving() as receiver:
        url = f"http://hooks.example:{receiver.port}/a/b?c=d"
        await Webhooks(allows_private=True, resolve=names).post(url, BODY, {"X-Own": "1"})
    (got,) = receiver.got
    assert (got.line, got.body) == ("POST /a/b?c=d HTTP/1.1", BODY)
    assert got.headers["host"] == f"hooks.example:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-own"] == "1"
    assert names.asked == [("hooks.example", receiver.port)]


async def test_the_certificate_must_match_the_name_and_not_the_address(tmp_path) -> None:
    server, trust = tls_for("hooks.example", tmp_path)
    async with receiving(server) as receiver:

        async def post(host: str) -> None:
            hooks = Webhooks(allows_private=True, resolve=Names(["127.0.0.1"]), trust=trust)
            await hooks.post(f"https://{host}:{receiver.port}/", BODY, {})

        await post("hooks.example")
        with pytest.raises(Undelivered, match="certificate"):
            await post("other.example")
        assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        *(
            ["127.0.0.1"],
            ["127.9.9.9"],
            ["0.0.0.0"],  # noqa: S104
            ["10.1.2.3"],
            ["172.16.0.1"],
            ["192.168.1.1"],
            ["169.254.169.254"],
        ),
        *(["100.64.0.1"], ["224.0.0.1"], ["255.255.255.255"], ["192.0.2.1"], ["::1"], ["::"], ["fe80::1%eth0"]),
        *(
            ["fd00::1"],
            ["ff02::1"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::7f00:1"],
            ["2002:7f00:1::"],
            ["8.8.8.8", "10.0.0.1"],
        ),
    ],
    ids=str,
)
async def test_names_with_private_addresses_are_refused_permanently_and_nothing_is_sent(addresses) -> None:
    async with receiving() as receiver:
        with pytest.raises(Undelivered, match="no public address") as refused:
            await Webhooks(resolve=Names(addresses)).post(f"http://hooks.example:{receiver.port}/", BODY, {})
        assert refused.value.permanent
        assert receiver.got == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address) -> None:
    assert is_public(address)


async def test_a_name_is_resolved_once_so_that_a_later_answer_has_no_effect() -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with receiving() as receiver:
        await Webhooks(allows_private=True, resolve=names).post(f"http://hooks.example:{receiver.port}/", BODY, {})
        assert len(receiver.got) == 1
    assert len(names.asked) == 1


@pytest.mark.parametrize(("status", "permanent"), [(400, False), (404, False), (410, True), (500, False), (503, False)])
async def test_other_statuses_than_success_are_undelivered(status, permanent) -> None:
    async with receiving() as receiver:
        receiver.status = status
        with pytest.raises(Undelivered, match=str(status)) as refused:
            await Webhooks(allows_private=True).post(f"http://127.0.0.1:{receiver.port}/", BODY, {})
    assert refused.value.permanent is permanent


async def test_redirects_are_not_followed() -> None:
    async with receiving() as receiver, receiving() as elsewhere:
        receiver.status, receiver.headers = 307, f"location: http://127.0.0.1:{elsewhere.port}/\r\n"
        with pytest.raises(Undelivered, match="307"):
            await Webhooks(allows_private=True).post(f"http://127.0.0.1:{receiver.port}/", BODY, {})
        assert (len(receiver.got), elsewhere.got) == (1, [])


async def test_proxies_of_the_environment_are_not_used(monkeypatch, unused_tcp_port) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    async with receiving() as receiver:
        await Webhooks(allows_private=True).post(f"http://127.0.0.1:{receiver.port}/", BODY, {})
        assert len(receiver.got) == 1


async def test_a_receiver_that_does_not_answer_times_out(unused_tcp_port) -> None:
    async with receiving() as receiver:
        receiver.status = None
        with pytest.raises(Undelivered, match=r"no answer within 0\.2 s"):
            await Webhooks(allows_private=True, total_seconds=0.2).post(f"http://127.0.0.1:{receiver.port}/", BODY, {})
    with pytest.raises(Undelivered, match="no connection"):
        await Webhooks(allows_private=True).post(f"http://127.0.0.1:{unused_tcp_port}/", BODY, {})


async def test_a_name_that_never_resolves_times_out() -> None:
    async def hang(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(Undelivered, match="no answer"):
        await Webhooks(resolve=hang, total_seconds=0.05).post("https://hooks.example/", BODY, {})
    with pytest.raises(Undelivered, match="has no address"):
        await Webhooks(resolve=Names([])).post("https://hooks.example/", BODY, {})


async def test_names_are_resolved_by_the_system() -> None:
    assert "127.0.0.1" in await resolve("localhost", 80)
    with pytest.raises(Undelivered, match="is not known"):
        await Webhooks().post("https://no-such-name.invalid/", BODY, {})


def test_the_documented_check_accepts_our_signature_and_refuses_others() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
    (code,) = [each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "compare_digest" in each]
    now = datetime.now(UTC)

    def is_ours(signature: str) -> bool:
        names = {"hmac": hmac, "time": time, "body": BODY, "secret": "whsec_x"}
        names["headers"] = {"X-MakrCave-Signature": signature}
        exec(code, names)  # noqa: S102 - what the page tells receivers to run
        return bool(names["is_ours"])

    good = sign("whsec_x", BODY, now)
    assert is_ours(good)
    assert not is_ours(sign("whsec_y", BODY, now))
    assert not is_ours(sign("whsec_x", BODY + b" ", now))
    assert not is_ours(sign("whsec_x", BODY, now - timedelta(minutes=6)))
