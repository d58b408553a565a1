"""Reports under faults: Redis flushed and restarted, workers killed and stopped. Each is rendered once, none is stuck.

A short form of each runs with every test, the full one by `make faults`.
"""

import asyncio
import signal
import time
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass

import pytest
import redis
from tests.reports.plugin import content, until
from tests.tasks.conftest import line
from tests.tasks.test_worker import names, send

from makrcave_analytics import embedded
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.inputs import ReportFilters
from makrcave_analytics.reports.jobs.pending import MAKE_REPORT
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.expiry import sweep_orphans
from makrcave_analytics.reports.vocabulary import ReportStatus


@dataclass(frozen=True)
class Faults:
    """The faults of one run."""

    requests: int
    kills: int
    restarts: bool
    """Whether Redis is restarted after the first kill."""
    flush_seconds: float
    slow: float
    """Seconds that each file takes."""
    lease: float
    within_seconds: float


SHORT = Faults(requests=12, kills=1, restarts=False, flush_seconds=1, slow=0.2, lease=1.5, within_seconds=120)
FULL = Faults(requests=200, kills=3, restarts=True, flush_seconds=5, slow=1, lease=30, within_seconds=120)


@pytest.mark.parametrize("faults", [SHORT, pytest.param(FULL, marks=pytest.mark.faults)], ids=["short", "full"])
async def test_every_request_becomes_one_file_while_redis_and_workers_fail(
    faults, ask, berlin, database, storage, migrated_url, start_worker, folder, owner, tmp_path, unused_tcp_port
) -> None:
    tmp_path.chmod(0o755)
    server = await asyncio.to_thread(embedded.start_redis, tmp_path / "redis", port=unused_tcp_port)
    if server is None:
        pytest.skip("there is no Redis for this platform")
    url = server.url

    async def worker() -> Process:
        return await start_worker(migrated_url, url, slow=faults.slow, lease=faults.lease)

    async def completed() -> int:
        return await owner.fetchval("SELECT count(*) FROM report_requests WHERE status = 'COMPLETED'")

    async def flush() -> None:
        while True:
            await asyncio.sleep(faults.flush_seconds)
            with suppress(redis.RedisError, OSError):
                await asyncio.to_thread(_flush, url)

    workers = [await worker(), await worker()]
    flushing = asyncio.create_task(flush())
    queue = Queue(url)
    try:
        for number in range(faults.requests):  # another question each, so no file is shared
            report = await ask(berlin, filters=ReportFilters(event_types=["door", f"other-{number}"]))
            await queue.send(MAKE_REPORT, str(berlin), str(report.id))
        asked_at = time.monotonic()
        for kill in range(1, faults.kills + 1):
            share = faults.requests * kill / (faults.kills + 2)
            await until(lambda share=share: _reached(completed, share), seconds=faults.within_seconds)
            victim = workers[kill % 2]
            victim.kill()
            await victim.wait()
            workers[kill % 2] = await worker()
            if kill == 1 and faults.restarts:
                await asyncio.to_thread(server.stop)
                server = await asyncio.to_thread(embedded.start_redis, tmp_path / "redis", port=unused_tcp_port)
        await until(lambda: _reached(completed, faults.requests), seconds=faults.within_seconds)
        print(f"{faults.requests} reports, the last {time.monotonic() - asked_at:.1f} s after its request")
    finally:
        flushing.cancel()
        queue.close()
        await asyncio.to_thread(server.stop)
    rows = await owner.fetch("SELECT id, file_id FROM report_requests")
    assert len({row["file_id"] for row in rows}) == faults.requests
    assert await owner.fetchval("SELECT count(*) FROM report_files") == faults.requests
    await sweep_orphans(database, storage, -1)
    assert names(folder) == sorted(str(row["file_id"]) for row in rows)
    (whole,) = {content(folder, await find_report(database, berlin, row["id"])) for row in rows}
    assert whole.count(b"\r\n") == 2  # the header and one event of the door


async def _reached(completed, share) -> bool:
    return await completed() >= share


def _flush(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.flushall()


async def test_a_worker_stopped_beyond_its_lease_overwrites_nothing(
    ask, berlin, database, storage, migrated_url, redis_url, start_worker, folder, tmp_path
) -> None:
    sleeper = await start_worker(migrated_url, redis_url, slow=0.5)
    report = await ask(berlin)
    await send(redis_url, report)
    assert await line(sleeper) == "writing"
    sleeper.send_signal(signal.SIGSTOP)
    await start_worker(migrated_url, redis_url)

    async def completed():
        known = await find_report(database, berlin, report.id)
        return known if known.status is ReportStatus.COMPLETED else None

    done = await until(completed)
    before = content(folder, done)
    assert done.attempts == 2
    sleeper.send_signal(signal.SIGCONT)

    async def noticed() -> bool:
        # Or its connection timed out while it was stopped, or the other worker had deleted its file.
        said = (tmp_path / "worker-0.log").read_text()
        ends = ("report lost to another worker", "report interrupted", "report not stored")
        return any(end in said for end in ends)

    await until(noticed)
    assert await find_report(database, berlin, report.id) == done

    async def tidy() -> bool:
        await sweep_orphans(database, storage, -1)
        return names(folder) == [str(done.file.id)]

    await until(tidy)
    assert content(folder, done) == before
