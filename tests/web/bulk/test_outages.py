"""The bulk endpoint with a full queue and without PostgreSQL: the answer says what is committed."""

import asyncio
import json
import threading
from collections.abc import Iterator

from tests.plugins.proxy import Cut
from tests.recording.test_faults import holding, until_one_waits

from makrcave_analytics.recording.writing import group_commit as group_committer


def lines(first: int, last: int) -> bytes:
    return b"".join(json.dumps({"id": f"e{n}", "event_type": "login"}).encode() + b"\n" for n in range(first, last))


async def test_a_full_queue_answers_with_retry_after(
    sender_of, make_makerspace, migrated_url, owner, monkeypatch
) -> None:
    monkeypatch.setattr(group_committer, "MOST_WAITING", 3)
    sender = sender_of(await make_makerspace())
    async with holding(migrated_url, "SELECT FROM makerspaces FOR UPDATE"):
        taken = asyncio.create_task(asyncio.to_thread(sender.lines, lines(0, 3)))
        await until_one_waits(owner)
        refused = await asyncio.to_thread(sender.lines, lines(3, 6))
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    summary = refused.json()
    assert summary["errors"][0]["extensions"] == {"code": "RATE_LIMITED"}
    assert (summary["recorded"], summary["committedLines"]) == (0, 0)
    assert (await taken).json()["recorded"] == 3
    assert (await asyncio.to_thread(sender.lines, lines(3, 6))).json()["recorded"] == 3


async def test_when_postgresql_goes_away_the_answer_says_which_lines_are_committed(
    proxied_sender_of, proxy, make_makerspace, owner
) -> None:
    sender = proxied_sender_of(await make_makerspace())
    first_is_in = threading.Event()

    def body() -> Iterator[bytes]:
        yield lines(0, 1_001)
        assert first_is_in.wait(20)
        yield lines(1_001, 3_000)

    sent = asyncio.create_task(asyncio.to_thread(sender.lines, body()))
    while await owner.fetchval("SELECT count(*) FROM usage_events") < 1_000:
        await owner.execute("SELECT pg_sleep(0.001)")
    await asyncio.to_thread(proxy.close)
    first_is_in.set()
    answer = await sent
    summary = answer.json()
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert summary["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (summary["recorded"], summary["committedLines"]) == (1_000, 1_000)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 1_000


async def test_commits_whose_answer_is_lost_are_counted_once(proxied_sender_of, proxy, make_makerspace, owner) -> None:
    sender = proxied_sender_of(await make_makerspace())
    proxy.cuts.extend([Cut.BEFORE, Cut.AFTER, Cut.AFTER])
    body = b'{"event_type": "login"}\n' * 3_500
    summary = (await asyncio.to_thread(sender.lines, body)).json()
    assert (summary["recorded"], summary["duplicates"], summary["committedLines"]) == (3_500, 0, 3_500)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 3_500
    assert proxy.cuts == type(proxy.cuts)()
