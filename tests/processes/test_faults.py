"""No event is lost or counted twice when servers are killed: the sender's ledger against the stored facts."""

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
class System:
    """The API with its servers, and the faults that can happen to them."""

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
        """Cut three consecutive COMMITs, so that a retry is cut too."""
        self.proxy.cuts.extend([cut] * 3)
        eventually(lambda: not self.proxy.cuts, "three cuts")


@pytest.fixture
def system(scratch: Path) -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="makrcave-faults-", dir=scratch) as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        made = System(Path(folder), running)
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
def sending(system: System) -> Iterator[Path]:
    """Send during the block, and until the last batch is acknowledged; yield the ledger."""
    token = issue_token(
        Settings(_env_file=None, jwt_secret=SecretStr(SECRET)),  # type: ignore[call-arg]
        role="service", makerspaces=MAKERSPACES, user_id="door", lifetime=timedelta(hours=2), now=datetime.now(UTC),
    )  # fmt: skip
    ledger = system.folder / "ledger"
    ledger.touch()
    settings = {
        "url": f"http://127.0.0.1:{system.port}", "token": token, "makerspaces": [str(m) for m in MAKERSPACES],
        "ledger": str(ledger),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, str(SENDER), json.dumps(settings)])
    try:
        yield ledger
        process.terminate()
        assert process.wait(90) == 0, "the sender does not end"
    finally:
        process.kill()
        process.wait()


def entries(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_text().splitlines(keepends=True) if line.endswith("\n")]


def run_faults(system: System, faults: Iterable[Callable[[], None]], *, between: int = BETWEEN) -> list[dict[str, Any]]:
    """Run the faults while a sender sends, with `between` acknowledgements between them; return the ledger."""
    with sending(system) as ledger, ledger.open("rb") as reading:

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
    """Compare the acknowledged events with the stored and counted ones."""
    owner, database = await asyncpg.connect(url), Database(url, pool_size=2)
    for makerspace in MAKERSPACES:
        own_entries = [entry for entry in ledger if entry["makerspace"] == str(makerspace)]
        ids = set(chain.from_iterable(entry["ids"] for entry in own_entries))
        acknowledged = {stored_id(makerspace, FactKind.EVENT, each) for each in ids}
        rows = await owner.fetch("SELECT id FROM usage_events WHERE makerspace_id = $1", makerspace)
        stored = [row["id"] for row in rows]
        assert acknowledged - set(stored) == set(), "acknowledged and not stored"
        assert len(stored) == len(set(stored)), "stored twice"
        keyed = sum(entry.get("keyed", 0) for entry in own_entries)
        assert len(stored) == len(ids) + keyed, "each sent event once"
        assert await verify_rollups(database, mint(makerspace)) == []
        counted = await owner.fetchval("SELECT sum(events) FROM event_hours WHERE makerspace_id = $1", makerspace)
        assert counted == len(stored)
        last = await owner.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace)
        for sender in {entry["sender"] for entry in own_entries if "sender" in entry}:
            versions = [entry["answer"]["dataVersion"] for entry in own_entries if entry.get("sender") == sender]
            assert versions == sorted(versions), "a version went back"
            assert versions[-1] <= last
    for entry in ledger:
        answer, size = entry.get("answer"), len(entry["ids"]) + entry.get("keyed", 0)
        if answer is not None:
            assert answer["recorded"] + answer["duplicates"] == size
            assert entry["tries"] > 1 or answer["recorded"] == size, "sent once, so answered as recorded"
    await owner.close()
    await database.dispose()


def test_no_event_is_lost_or_counted_twice(system: System) -> None:
    faults = [
        system.cut_after, system.kill_api, system.flush_redis,
        system.restart_postgres, system.cut_before, system.stop_redis,
    ]  # fmt: skip
    ledger = run_faults(system, faults)
    asyncio.run(check(system.postgres.url, ledger))


@pytest.mark.faults
def test_no_event_is_lost_through_twenty_kills_and_ten_restarts(system: System) -> None:
    kills = [system.kill_api] * 20
    others = [system.restart_postgres, system.cut_before, system.flush_redis, system.cut_after]
    mixed = chain.from_iterable(zip_longest(kills, [*others * 10][:38]))
    ledger = run_faults(system, [*filter(None, mixed), system.restart_postgres, system.stop_redis, system.kill_api])
    asyncio.run(check(system.postgres.url, ledger))


@pytest.mark.soak
def test_no_event_is_lost_in_an_hour_of_faults(system: System) -> None:
    until = time.monotonic() + float(os.environ.get("SOAK_MINUTES", "60")) * 60
    faults = [
        system.cut_after, system.flush_redis, system.cut_before,
        system.restart_postgres, system.cut_after, system.kill_api,
    ]  # fmt: skip
    ledger = run_faults(system, takewhile(lambda _: time.monotonic() < until, cycle(faults)), between=300)
    asyncio.run(check(system.postgres.url, ledger))
