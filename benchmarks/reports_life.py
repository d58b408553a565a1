"""The time from requestReport to COMPLETED with an idle worker, over Redis, as a client sees it."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from pydantic import SecretStr

from benchmarks.data import MAKERSPACE, SCALES, prepared
from benchmarks.measure import Row
from makrcave_analytics.auth import Viewer
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.embedded import start_redis
from makrcave_analytics.queue import Queue
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.resolvers.common.context import Services
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.schema.engine.schema import SCHEMA
from makrcave_analytics.tasks import WorkerServices, run_worker

SUITE = "reports_life"
RUNS = {"CSV": 40, "PDF": 20}
AIMS_MS = {"CSV": 1000, "PDF": 3000}
ASK = """mutation($format: ReportFormat!, $from: Date!) { requestReport(input: {type: USAGE, format: $format,
  filters: {eventTypes: ["check_in"]}, period: {range: {startDate: $from, endDate: $from}}}) {
  report { id status } userErrors { message } } }"""
FIND = "query($id: ID!) { report(id: $id) { status } }"


async def run(owner_url: str) -> list[Row]:
    """Measure small reports of each format, each about a different day, so that none shares a file."""
    database = Database(await prepared(owner_url, next(iter(SCALES))), pool_size=8)
    rows: list[Row] = []
    try:
        async with _service(database) as executor:
            for format_, aim in AIMS_MS.items():
                times = sorted([await _once(executor, format_, at) for at in range(RUNS[format_])])
                p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
                notes = f"p50 {p50:.0f} ms of {len(times)} runs"
                rows.append(
                    Row.at_most(SUITE, f"requestReport to COMPLETED, {format_}, p95", p95, "aim", aim, 1, notes)
                )
    finally:
        await database.dispose()
    return rows


@asynccontextmanager
async def _service(database: Database) -> AsyncIterator[Executor]:
    """Run an API without HTTP, and an idle worker."""
    settings = Settings(_env_file=None, jwt_secret=SecretStr(secrets.token_urlsafe(48)))  # type: ignore[call-arg]
    with tempfile.TemporaryDirectory(prefix="makrcave-bench-") as name:
        place = Path(name)
        await asyncio.to_thread(place.chmod, 0o755)  # so that an unprivileged Redis can enter it
        server = await asyncio.to_thread(start_redis, place / "redis")
        if server is None:
            raise RuntimeError("there is no Redis for this platform")
        queue, storage = Queue(server.url), FolderStorage(place / "reports")
        services = Services(database, Keys.from_settings(settings), queue, "http://bench", 1000, storage=storage)
        stop = asyncio.Event()
        runner = ReportRunner(database, storage, timedelta(days=1))
        worker = asyncio.create_task(run_worker(WorkerServices(runner, queue), server.url, stop=stop))
        try:
            yield Executor(SCHEMA, services, lambda: datetime.now(UTC), answer_within=60)
        finally:
            stop.set()
            await worker
            queue.close()
            await asyncio.to_thread(server.stop)


async def _once(executor: Executor, format_: str, at: int) -> float:
    day = (datetime.now(UTC) - timedelta(days=30 + at)).date().isoformat()
    began = perf_counter()
    payload = (await _ask(executor, ASK, format=format_, **{"from": day}))["requestReport"]
    report = payload["report"]
    while report["status"] != "COMPLETED":
        if report["status"] == "FAILED":
            raise RuntimeError("the report failed")
        await asyncio.sleep(0.01)
        report = (await _ask(executor, FIND, id=payload["report"]["id"]))["report"]
    return (perf_counter() - began) * 1000


async def _ask(executor: Executor, document: str, **variables: str) -> dict[str, dict[str, dict[str, str]]]:
    viewer = Viewer("bench", ("admin",), frozenset({MAKERSPACE}), datetime.now(UTC) + timedelta(days=1))
    outcome = await executor.execute(Operation(document, variables, None, read_only=False), viewer)
    if "errors" in outcome.body:
        raise RuntimeError(outcome.body["errors"])
    return outcome.body["data"]
