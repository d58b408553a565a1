"""Nothing lost and nothing twice, whatever is killed: a sender's ledger on disk against what is stored."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, takewhile, zip_longest
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import redis
from pydantic import SecretStr
from tests.plugins.database import mint
from tests.plugins.proxy import Cut, Proxy
from tests.processes.conftest import SECRET, Running, eventually, run

from makrcave_analytics import embedded, migration
from makrcave_analytics.auth import issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.db import Database
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.ids import stored_id
from makrcave_analytics.recording.rollups.verify import verify_rollups

MAKERSPACES = [UUID(f"0198c0de-bbbb-7000-8000-00000000000{n}") for n in (1, 2)]
SENDER = Path(__file__).with_name("sender.py")
BETWEEN = 6
"""Acknowledgements between two faults, at least."""


@dataclass
class World:
    """The API with its servers, the sender, and what can happen to them."""

    folder: Path
    running: ExitStack
    postgres: embedded.Server = field(init=False)
    redis: embedded.Server | None = field(init=False)
    proxy: Proxy = field(init=False)
    api: Running = field(init=False)
    port: int = 0

    def start(self) -> None:
        self.postgres = embedded.start_postgres(self.folder / "postgres")
        self.redis = embedded.start_redis(self.folder / "redis")
        self.running.callback(self._stop)
        asyncio.run(_prepare(self.postgres.url))
        self.proxy = Proxy(self.postgres.url)
        self.running.callback(self.proxy.close)
        self.start_api()

    def _stop(self) -> None:
        self.postgres.stop()
        self.stop_redis()

    def start_api(self) -> None:
        environment = {"ANALYTICS_DATABASE_URL": self.proxy.url, "ANALYTICS_BATCH_SIZE": "100"}
        if self.redis is not None:
            environment["ANALYTICS_REDIS_URL"] = self.redis.url
        self.api = self.running.enter_context(run("serve", "--port", str(self.port), folder=self.folder, **environment))
        words = eventually(lambda: [w for w in self.api.errors().split() if w.startswith("http://")], "the address")
        self.port = int(words[0].rpartition(":")[2])

    def kill_api(self) -> None:
        self.api.process.kill()
        self.api.process.wait()
        self.start_api()

    def restart_postgres(self) -> None:
        self.postgres.kill()
        self.postgres = embedded.start_postgres(self.folder / "postgres", port=self.postgres.port)

    def cut_before(self) -> None:
        self._cut(Cut.BEFORE)

    def cut_after(self) -> None:
        self._cut(Cut.AFTER)

    def flush_redis(self) -> None:
        if self.redis is not None:
            with redis.Redis.from_url(self.redis.url) as client:
                client.flushall()

    def stop_redis(self) -> None:
        if self.redis is not None:
            self.redis.stop()

    def _cut(self, cut: Cut) -> None:
        """Cut three COMMITs that follow each other: that of a retry too."""
        self.proxy.cuts.extend([cut] * 3)
        eventually(lambda: not self.proxy.cuts, "three cuts")


@pytest.fixture
def world(scratch: Path) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="makrcave-faults-", dir=scratch) as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        made = World(Path(folder), running)
        made.start()
        yield made


async def _prepare(url: str) -> None:
    await migration.upgrade(url)
    connection = await asyncpg.connect(url)
    for each in MAKERSPACES:
        await connection.execute(
            "INSERT INTO makerspaces (id, name, time_zone, currency) VALUES ($1, 'Workshop', 'Asia/Kolkata', 'INR')",
            each,
        )
    await connection.close()


@contextmanager
def sending(world: World) -> Iterator[Path]:
    """Send as long as the block lasts, and until the last batch is acknowledged; give the ledger."""
    token = issue_token(
        Settings(_env_file=None, jwt_secret=SecretStr(SECRET)),  # type: ignore[call-arg]
        role="service", makerspaces=MAKERSPACES, user_id="door", lifetime=timedelta(hours=2), now=datetime.now(UTC),
    )  # fmt: skip
    ledger = world.folder / "ledger"
    ledger.touch()
    told = {
        "url": f"http://127.0.0.1:{world.port}", "token": token, "makerspaces": [str(m) for m in MAKERSPACES],
        "ledger": str(ledger),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, str(SENDER), json.dumps(told)])
    try:
        yield ledger
        process.terminate()
        assert process.wait(90) == 0, "the sender does not come to an end"
    finally:
        process.kill()
        process.wait()


def entries(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_text().splitlines(keepends=True) if line.endswith("\n")]


def happen(world: World, faults: Iterable[Callable[[], None]], *, between: int = BETWEEN) -> list[dict[str, Any]]:
    """Let faults happen while a sender sends, each so many acknowledgements after the one before; give the ledger."""
    with sending(world) as ledger, ledger.open("rb") as reading:

        def wait(what: str) -> None:
            left = between

            def is_over() -> bool:
                nonlocal left
                left -= reading.read().count(b"\n")
                return left <= 0

            eventually(is_over, f"acknowledgements {what}")

        for fault in faults:
            wait(f"before {fault.__name__}")
            fault()
        wait("after the last fault")
    return entries(ledger)


async def check(url: str, ledger: list[dict[str, Any]]) -> None:
    """Hold what was acknowledged against what is stored and counted."""
    owner, database = await asyncpg.connect(url), Database(url, pool_size=2)
    for makerspace in MAKERSPACES:
        mine = [entry for entry in ledger if entry["makerspace"] == str(makerspace)]
        ids = set(chain.from_iterable(entry["ids"] for entry in mine))
        acknowledged = {stored_id(makerspace, FactKind.EVENT, each) for each in ids}
        rows = await owner.fetch("SELECT id FROM usage_events WHERE makerspace_id = $1", makerspace)
        stored = [row["id"] for row in rows]
        assert acknowledged - set(stored) == set(), "acknowledged and not stored"
        assert len(stored) == len(set(stored)), "stored twice"
        keyed = sum(entry.get("keyed", 0) for entry in mine)
        assert len(stored) == len(ids) + keyed, "each as often as it was sent"
        assert await verify_rollups(database, mint(makerspace)) == []
        counted = await owner.fetchval("SELECT sum(events) FROM event_hours WHERE makerspace_id = $1", makerspace)
        assert counted == len(stored)
        last = await owner.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace)
        for sender in {entry["sender"] for entry in mine if "sender" in entry}:
            versions = [entry["told"]["dataVersion"] for entry in mine if entry.get("sender") == sender]
            assert versions == sorted(versions), "a version went back"
            assert versions[-1] <= last
    for entry in ledger:
        told, size = entry.get("told"), len(entry["ids"]) + entry.get("keyed", 0)
        if told is not None:
            assert told["recorded"] + told["duplicates"] == size
            assert entry["tries"] > 1 or told["recorded"] == size, "what was sent once is told as recorded"
    await owner.close()
    await database.dispose()


def test_nothing_is_lost_and_nothing_counted_twice(world: World) -> None:
    faults = [
        world.cut_after, world.kill_api, world.flush_redis, world.restart_postgres, world.cut_before, world.stop_redis,
    ]  # fmt: skip
    ledger = happen(world, faults)
    asyncio.run(check(world.postgres.url, ledger))


@pytest.mark.faults
def test_the_same_through_twenty_kills_and_ten_restarts(world: World) -> None:
    kills = [world.kill_api] * 20
    others = [world.restart_postgres, world.cut_before, world.flush_redis, world.cut_after]
    mixed = chain.from_iterable(zip_longest(kills, [*others * 10][:38]))
    ledger = happen(world, [*filter(None, mixed), world.restart_postgres, world.stop_redis, world.kill_api])
    asyncio.run(check(world.postgres.url, ledger))


@pytest.mark.soak
def test_an_hour_of_it(world: World) -> None:
    until = time.monotonic() + float(os.environ.get("SOAK_MINUTES", "60")) * 60
    faults = [
        world.cut_after, world.flush_redis, world.cut_before, world.restart_postgres, world.cut_after, world.kill_api,
    ]  # fmt: skip
    ledger = happen(world, takewhile(lambda _: time.monotonic() < until, cycle(faults)), between=300)
    asyncio.run(check(world.postgres.url, ledger))
