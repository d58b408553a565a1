"""Worker processes: reports are rendered while Redis, PostgreSQL and workers come and go."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
import redis
from tests.reports.plugin import FINANCE, content, until
from tests.tasks.conftest import line

from makrcave_analytics import embedded, migration, telemetry
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.jobs.pending import MAKE_REPORT
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportStatus
from makrcave_analytics.tasks import WorkerServices, run_worker
from makrcave_analytics.tasks.worker import WorkerLimits

FOR_EVER = 3600


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*/*"))


@pytest.fixture
def completed(database):
    """Waits until a report is completed, and returns it."""

    async def run(report: Report) -> Report:
        async def done() -> Report | None:
            known = await find_report(database, report.makerspace, report.id)
            assert known.status is not ReportStatus.FAILED, known.error
            return known if known.status is ReportStatus.COMPLETED else None

        return await until(done)

    return run


@pytest.fixture
def long_ago(owner):
    """Ages a report so that the reconciler finds it."""

    async def run(report: Report) -> None:
        await owner.execute(
            "UPDATE report_requests SET requested_at = requested_at - interval '1 minute' WHERE id = $1", report.id
        )

    return run


async def send(url: str, report: Report) -> bool:
    queue = Queue(url)
    try:
        return await queue.send(MAKE_REPORT, str(report.makerspace), str(report.id))
    finally:
        queue.close()


async def test_a_request_becomes_a_file_in_another_process(
    ask, berlin, migrated_url, redis_url, start_worker, completed, folder, tmp_path
) -> None:
    worker = await start_worker(migrated_url, redis_url)
    telemetry.bind_request("from-http")
    report = await ask(berlin)
    assert await send(redis_url, report)
    done = await completed(report)
    assert content(folder, done).count(b"\r\n") == 4
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 30) == 0
    lines = [json.loads(text) for text in (tmp_path / "worker-0.log").read_text().splitlines()]
    logged = [each for each in lines if each.get("report_id") == str(report.id)]
    assert [each["event"] for each in logged] == ["report claimed", "report completed"]
    assert {each["request_id"] for each in logged} == {"from-http"}


async def test_a_worker_killed_while_it_writes_leaves_nothing_and_another_finishes(
    ask, berlin, migrated_url, redis_url, start_worker, completed, folder, database
) -> None:
    stuck = await start_worker(migrated_url, redis_url, slow=FOR_EVER)
    report = await ask(berlin)
    await send(redis_url, report)
    assert await line(stuck) == "writing"
    (part,) = names(folder)
    assert part.endswith(".part")
    stuck.kill()
    await stuck.wait()
    assert (await find_report(database, berlin, report.id)).status is ReportStatus.PROCESSING
    await start_worker(migrated_url, redis_url)
    done = await completed(report)
    assert (done.attempts, names(folder)) == (2, [str(done.file.id)])


async def test_a_terminated_worker_gives_back_what_it_cannot_finish(
    ask, berlin, migrated_url, redis_url, start_worker, folder, database
) -> None:
    stuck = await start_worker(migrated_url, redis_url, slow=FOR_EVER)
    report = await ask(berlin)
    await send(redis_url, report)
    assert await line(stuck) == "writing"
    stuck.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(stuck.wait(), 30) == 0
    assert (await find_report(database, berlin, report.id)).status is ReportStatus.PENDING
    assert names(folder) == []


async def test_reports_are_rendered_without_redis(ask, berlin, migrated_url, start_worker, completed) -> None:
    reports = [await ask(berlin) for _ in range(3)]
    worker = await start_worker(migrated_url)
    for report in reports:
        await completed(report)
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), 30) == 0


async def test_a_message_that_redis_lost_is_sent_again(ask, berlin, runner, redis_url, completed, long_ago) -> None:
    report = await ask(berlin)
    await send(redis_url, report)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    await long_ago(report)
    stop, queue = asyncio.Event(), Queue(redis_url)
    worker = asyncio.create_task(run_worker(WorkerServices(runner, queue), redis_url, stop=stop))
    assert (await completed(report)).attempts == 1
    stop.set()
    await worker
    queue.close()


async def test_redis_may_be_away_at_the_start_and_come_back(
    ask, berlin, runner, completed, long_ago, tmp_path, unused_tcp_port, caplog
) -> None:
    tmp_path.chmod(0o755)
    url = await start_and_stop_redis(tmp_path / "redis", unused_tcp_port)
    caplog.set_level("INFO")
    stop, queue = asyncio.Event(), Queue(url)
    worker = asyncio.create_task(
        run_worker(WorkerServices(runner, queue), url, stop=stop, limits=WorkerLimits(grace_seconds=1))
    )
    first = await ask(berlin)
    assert not await send(url, first)
    await long_ago(first)
    await completed(first)  # by the reconciler itself
    server = await asyncio.to_thread(embedded.start_redis, tmp_path / "redis", port=unused_tcp_port)
    assert server is not None
    try:
        second = await ask(berlin, FINANCE)  # with a file of its own
        assert await send(url, second)
        await completed(second)
        stop.set()
        await worker
    finally:
        queue.close()
        await asyncio.to_thread(server.stop)
    said = [record.getMessage() for record in caplog.records if record.name.endswith("tasks.broker")]
    assert len(said) == 2
    assert "redis away" in said[0]
    assert "redis is back" in said[1]


async def start_and_stop_redis(place: Path, port: int) -> str:
    """The address of a Redis that is not running yet."""
    server = await asyncio.to_thread(embedded.start_redis, place, port=port)
    if server is None:
        pytest.skip("there is no Redis for this platform")
    await asyncio.to_thread(server.stop)
    return server.url


async def test_a_malformed_message_does_not_stop_the_worker(ask, berlin, runner, redis_url, completed) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for at, text in enumerate((b"no json", b"{}", b"[1]", b'{"queue_name": "default"}')):
            client.hset("dramatiq:default.msgs", str(at), text)
            client.rpush("dramatiq:default", str(at))
    await send_raw(redis_url, "no_such_actor")
    await send_raw(redis_url, MAKE_REPORT, "no id", "either")
    await send_raw(redis_url, MAKE_REPORT)
    report = await ask(berlin)
    await send(redis_url, report)
    stop, queue = asyncio.Event(), Queue(redis_url)
    worker = asyncio.create_task(run_worker(WorkerServices(runner, queue), redis_url, stop=stop))
    await completed(report)
    stop.set()
    await worker
    queue.close()


async def send_raw(url: str, actor: str, *arguments: str) -> None:
    queue = Queue(url)
    assert await queue.send(actor, *arguments)
    queue.close()


async def test_postgresql_may_be_away_at_the_start(start_worker, tmp_path, folder) -> None:
    place = tmp_path / "postgres"
    tmp_path.chmod(0o755)
    server = await asyncio.to_thread(embedded.start_postgres, place, durable=False)
    url = server.url
    await migration.upgrade(url)
    await asyncio.to_thread(server.stop)
    worker = await start_worker(url)
    log = tmp_path / "worker-0.log"

    async def waits() -> bool:
        return "periodic task waits" in log.read_text()

    await until(waits)
    assert worker.returncode is None
    server = await asyncio.to_thread(embedded.start_postgres, place, port=int(url.rpartition(":")[2].split("/")[0]))
    try:

        async def goes_on() -> bool:
            return "periodic task works again" in log.read_text()

        await until(goes_on)
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
    finally:
        await asyncio.to_thread(server.stop)
