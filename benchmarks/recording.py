"""Recording: against bare COPY of the same rows, and against a server with one INSERT per request."""

import asyncio
import gc
import json
import os
import secrets
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import psutil
from pydantic import SecretStr

from benchmarks.measure import Row, Step, medians
from benchmarks.wire import Wire, storm
from makrcave_analytics import migration
from makrcave_analytics.auth import Viewer, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.embedded.process import free_port
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.write import record

SUITE = "recording"
DATABASE = "bench_recording"
OURS, THEIRS = UUID("0198c0de-cccc-7000-8000-000000000001"), UUID("0198c0de-cccc-7000-8000-000000000002")
BATCH = 1000
BATCHES = 20
"""Batches in one step."""
RUNS = 5
CLIENTS = 32
SINGLES = 1_920
NOTE = 1_800
"""Characters in the metadata of each event when memory is measured."""
MEGABYTES = int(os.environ.get("BENCH_MEGABYTES", "200"))
BULK_PATH = "/api/v1/analytics/events"
RECORD = """mutation($in: [UsageEventInput!]!) {
  recordEvents(input: $in) { recorded duplicates rejected dataVersion } }"""
COLUMNS = (
    "makerspace_id", "id", "user_id", "event_type", "event_category", "equipment_id", "metadata", "timestamp",
    "recorded_at",
)  # fmt: skip
_TYPES = ("login", "logout", "check_in", "check_out", "equipment_reservation")
_CATEGORIES = ("authentication", "authentication", "access", "access", "equipment")


@dataclass
class Source:
    """New events of 5,000 members: each batch on one day, going through the last 30 days."""

    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311
    numbers: Iterator[int] = field(default_factory=count)

    def events(self, size: int = BATCH) -> list[dict[str, Any]]:
        """Make events in the format of the bulk endpoint."""
        day = datetime.now(UTC) - timedelta(days=1 + next(self.numbers) % 30)
        return [self._event(day, self.random.randrange(5_000), self.random.randrange(5)) for _ in range(size)]

    def _event(self, day: datetime, member: int, kind: int) -> dict[str, Any]:
        at = day + timedelta(seconds=self.random.randrange(86_400))
        return {
            "id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "event_type": _TYPES[kind],
            "user_id": f"member-{member}",
            "metadata": {"equipment_id": f"machine-{member % 40}"} if kind == 4 else {"device": "kiosk", "door": kind},
            "timestamp": at.isoformat(),
        }


def as_rows(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Convert events to rows for COPY."""
    now = datetime.now(UTC)
    return [
        (
            THEIRS, UUID(e["id"]), e["user_id"], e["event_type"], _CATEGORIES[_TYPES.index(e["event_type"])],
            e["metadata"].get("equipment_id"), json.dumps(e["metadata"]), datetime.fromisoformat(e["timestamp"]), now,
        )
        for e in events
    ]  # fmt: skip


def as_inputs(events: list[dict[str, Any]]) -> list[UsageEventInput]:
    """Convert events to inputs of recording."""
    return [UsageEventInput(**{**e, "timestamp": datetime.fromisoformat(e["timestamp"])}) for e in events]


def as_lines(events: list[dict[str, Any]]) -> bytes:
    """Convert events to NDJSON."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def as_mutation(events: list[dict[str, Any]]) -> bytes:
    """Convert events to the body of a GraphQL request."""
    names = {"event_type": "eventType", "user_id": "userId"}
    variables = {"in": [{names.get(name, name): value for name, value in event.items()} for event in events]}
    return json.dumps({"query": RECORD, "variables": variables}).encode()


async def run(owner_url: str) -> list[Row]:
    """Measure every way of recording."""
    url = await _fresh(owner_url)
    settings = Settings(_env_file=None, jwt_secret=SecretStr(secrets.token_urlsafe(48)))  # type: ignore[call-arg]
    token = issue_token(
        settings,
        role="service",
        makerspaces=[OURS],
        user_id="bench",
        lifetime=timedelta(hours=3),
        now=datetime.now(UTC),
    )
    async with _serving(url, settings) as api:
        source = Source()
        rows = await _batches(url, Wire(api.port, token), source, Keys.from_settings(settings))
        rows += await _singles(url, api.port, token, source)
        rows.append(await _memory(api, token, source))
    return rows


async def _batches(url: str, wire: Wire, source: Source, keys: Keys) -> list[Row]:
    """Measure batches of 1,000 events: COPY, the write, the bulk endpoint and the mutation, in turn."""
    owner, database = await asyncpg.connect(url), Database(url, pool_size=2)
    makerspace = Viewer.system("a benchmark").makerspace(OURS)
    recorder = Recorder(None, keys.pseudonym, keys.tombstone, BATCH)

    def prepared(write: Any) -> list[list[Any]]:
        """Make the batches of all runs before any is timed."""
        return [[write(source.events()) for _ in range(BATCHES)] for _ in range(RUNS + 2)]

    copied, recorded, sent, asked = (iter(prepared(each)) for each in (as_rows, as_inputs, as_lines, as_mutation))
    gc.freeze()  # keeps the garbage collector from scanning these many objects during the runs

    async def copy() -> None:
        for batch in next(copied):
            await owner.copy_records_to_table("usage_events", records=batch, columns=COLUMNS)

    async def write() -> None:
        for batch in next(recorded):
            outcome = await record(database, EVENTS, makerspace, batch, recorder=recorder, now=datetime.now(UTC))
            _expect_all(outcome.recorded, BATCH)

    async def bulk() -> None:
        batches = next(sent)
        wire.close()
        answer = await wire.post(BULK_PATH, batches, sum(map(len, batches)), "application/x-ndjson")
        _expect_all(answer["recorded"], BATCH * BATCHES)

    async def mutation() -> None:
        wire.close()
        for batch in next(asked):
            answer = await wire.post("/graphql", [batch], len(batch))
            _expect_all(answer["data"]["recordEvents"]["recorded"], BATCH)

    steps: tuple[Step, ...] = (copy, write, bulk, mutation)
    times = [each / BATCHES for each in await medians(*steps, runs=RUNS)]
    wire.close()
    await owner.close()
    await database.dispose()
    copy_ms, *ours = times
    names = ("the write alone", "the bulk door, NDJSON", "recordEvents, batches of 1,000")
    return [
        Row.faster(SUITE, name, ms, "bare COPY, batches of 1,000", copy_ms, aim, f"{BATCH / ms * 1000:,.0f} events/s")
        for name, ms, aim in zip(names, ours, (0.4, 0.4, 0.1), strict=True)
    ]


async def _singles(url: str, port: int, token: str, source: Source) -> list[Row]:
    """Measure one event per request: with 32 clients, and with one."""
    plain_port = free_port()
    peer = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.plain", url, str(plain_port))
    ours, theirs = ([Wire(p, token) for _ in range(CLIENTS)] for p in (port, plain_port))
    found: dict[str, list[float]] = {"ours": [], "alone": []}

    async def single() -> None:
        bodies = [as_mutation([event]) for event in source.events(SINGLES)]
        found["ours"] += await storm(ours, "/graphql", bodies)

    async def single_bulk() -> None:
        await storm(ours, BULK_PATH, [json.dumps(event).encode() for event in source.events(SINGLES)])

    async def insert() -> None:
        bodies = [json.dumps(event).encode() for event in source.events(SINGLES)]
        await storm(theirs, f"/?makerspace_id={THEIRS}", bodies)

    async def alone() -> None:
        found["alone"] += await storm(ours[:1], "/graphql", [as_mutation([e]) for e in source.events(200)])

    try:
        await _wait_for_port(plain_port)
        our_ms, bulk_ms, their_ms, _ = await medians(single, single_bulk, insert, alone, runs=5)
    finally:
        peer.terminate()
        await peer.wait()
    for wire in [*ours, *theirs]:
        wire.close()
    p50, p99, a50, a99 = (q for times in found.values() for q in _quantiles(times))
    latency = f"acknowledged within {p50:.1f} ms (p50), {p99:.1f} (p99); one client alone {a50:.1f}, {a99:.1f}"
    rows = (("recordEvents", our_ms, f"; {latency}"), ("bulk door", bulk_ms, ""))
    return [
        Row.faster(
            SUITE, f"{name}, one event a request, {CLIENTS} clients", ms / SINGLES, "one INSERT a request",
            their_ms / SINGLES, 2, f"{SINGLES / ms * 1000:,.0f} against {SINGLES / their_ms * 1000:,.0f}/s{note}",
        )
        for name, ms, note in rows
    ]  # fmt: skip


async def _memory(api: "Api", token: str, source: Source) -> Row:
    """Measure the peak memory of the API during a long request body."""
    events = [event | {"metadata": {"log": secrets.token_hex(NOTE // 2)}} for event in source.events()]
    tails = [line[_ID_STARTS + _ID_LENGTH :] for line in as_lines(events).splitlines(keepends=True)]
    part_size = len(_part(tails, 0))
    parts = MEGABYTES * 1_000_000 // part_size
    process, peak = psutil.Process(api.pid), 0
    before = process.memory_info().rss / 1e6

    def body() -> Iterator[bytes]:
        nonlocal peak
        for n in range(parts):
            peak = max(peak, process.memory_info().rss)
            yield _part(tails, n)

    started = perf_counter()
    size = part_size * parts
    answer = await Wire(api.port, token).post(BULK_PATH, body(), size, "application/x-ndjson")
    seconds = perf_counter() - started
    notes = f"{before:.0f} MB before; {answer['committedLines']:,} lines in {seconds:.0f} s"
    name = f"MB of the API while {size / 1e6:,.0f} MB of NDJSON pass"
    return Row.at_most(SUITE, name, peak / 1e6, "MB", 300, 1, notes)


_ID_STARTS, _ID_LENGTH = len('{"id": "'), 8


def _part(tails: list[bytes], number: int) -> bytes:
    """Return the lines with ids that contain the number of the part."""
    head = b'{"id": "' + f"{number:0{_ID_LENGTH}x}".encode()
    return b"".join(head + tail for tail in tails)


def _expect_all(recorded: int, expected: int) -> None:
    if recorded != expected:
        raise RuntimeError(f"{recorded} of {expected} were recorded")


def _quantiles(times: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


@dataclass(frozen=True)
class Api:
    """The API in a separate process."""

    pid: int
    port: int


@asynccontextmanager
async def _serving(url: str, settings: Settings) -> AsyncIterator[Api]:
    port = free_port()
    assert settings.jwt_secret is not None
    environment = {
        "ANALYTICS_DATABASE_URL": url,
        "ANALYTICS_JWT_SECRET": settings.jwt_secret.get_secret_value(),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "makrcave_analytics", "serve", "--port", str(port)),
            cwd=folder,
            env=os.environ | environment | {"ANALYTICS_LOG_FILE": str(Path(folder) / "log")},
        )
        try:
            await _wait_for_port(port)
            yield Api(process.pid, port)
        finally:
            process.terminate()
            await process.wait()


async def _wait_for_port(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("A server did not start")


async def _fresh(owner_url: str) -> str:
    """Make a database with two makerspaces and no facts; return its URL."""
    url = f"{owner_url.rpartition('/')[0]}/{DATABASE}"
    admin = await asyncpg.connect(owner_url)
    await admin.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{DATABASE}"')
    await admin.close()
    await migration.upgrade(url)
    owner = await asyncpg.connect(url)
    insert = "INSERT INTO makerspaces (id, name, time_zone, currency) VALUES ($1, 'Workshop', 'Asia/Kolkata', 'INR')"
    await owner.executemany(insert, [(OURS,), (THEIRS,)])
    await owner.close()
    return url
