"""Servers that are away at the start, or go away and return later: errors are typed, and nothing is lost."""

import asyncio
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import psutil
import pytest
from pydantic import SecretStr
from tests.processes.conftest import SECRET, Client, eventually, run

from makrcave_analytics import embedded, migration
from makrcave_analytics.auth import issue_token
from makrcave_analytics.config import Settings

MAKERSPACE = UUID("0198c0de-aaaa-7000-8000-000000000001")
CHANGES = "subscription { dataChanged { dataVersion } }"
COUNT = "{ usage(period: {preset: TODAY}) { events { value } } }"
RECORD = """mutation($id: ID!) { recordEvents(input: [{id: $id, eventType: "login"}]) { recorded duplicates } }"""
ASK = "mutation { requestReport(input: {type: USAGE, format: CSV}) { report { id status } userErrors { code } } }"
STATUS = "query($id: ID!) { report(id: $id) { status attempts file { rows } } }"


@pytest.fixture
def folder(scratch: Path) -> Iterator[Path]:
    """A folder that the servers' account can reach."""
    with tempfile.TemporaryDirectory(prefix="makrcave-outage-", dir=scratch) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def token() -> str:
    settings = Settings(_env_file=None, jwt_secret=SecretStr(SECRET))  # type: ignore[call-arg]
    return issue_token(
        settings,
        role="admin",
        makerspaces=[MAKERSPACE],
        user_id="ada",
        lifetime=timedelta(hours=1),
        now=datetime.now(UTC),
    )


async def add_makerspace(url: str) -> None:
    await migration.upgrade(url)
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO makerspaces (id, name, time_zone, currency) VALUES ($1, 'Workshop', 'Europe/Berlin', 'EUR')",
        MAKERSPACE,
    )
    await connection.close()


def unavailable(answer: httpx.Response) -> bool:
    codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
    return answer.status_code == 503 and codes == ["UNAVAILABLE"] and int(answer.headers["retry-after"]) > 0


def counted(client: Client) -> float | None:
    body = client.answer(COUNT).json()
    usage = (body.get("data") or {}).get("usage")
    return usage["events"]["value"] if usage else None


def test_postgresql_away_at_start_and_later(folder: Path, token: str) -> None:
    """Without PostgreSQL the API starts and reports it; what it acknowledges later survives a crash of the server.

    A subscription waits meanwhile, and receives what is recorded after the crash.
    """
    postgres = embedded.start_postgres(folder / "postgres")
    asyncio.run(add_makerspace(postgres.url))
    port, url = postgres.port, postgres.url
    postgres.stop()
    with run("serve", "--port", "0", folder=folder, ANALYTICS_DATABASE_URL=url) as api, ExitStack() as sockets:
        client = Client(_address(api), token)
        socket = sockets.enter_context(client.socket())
        socket.subscribe("changes", CHANGES)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert unavailable(client.answer(COUNT))
        assert unavailable(client.answer(RECORD, id="lost"))

        postgres = embedded.start_postgres(folder / "postgres", port=port)
        assert eventually(lambda: client.get("/readyz").status_code == 200, "ready once PostgreSQL is there")
        assert counted(client) == 0
        assert socket.receive()["payload"] == {"data": {"dataChanged": {"dataVersion": 0}}}
        assert client.ask(RECORD, id="kept")["recordEvents"] == {"recorded": 1, "duplicates": 0}

        postgres.kill()
        assert unavailable(client.answer(COUNT))
        assert unavailable(client.answer(RECORD, id="later"))
        postgres = embedded.start_postgres(folder / "postgres", port=port)
        try:
            assert eventually(lambda: counted(client), "an answer after the restart") == 1
            assert client.ask(RECORD, id="kept")["recordEvents"] == {"recorded": 0, "duplicates": 1}
            assert client.ask(RECORD, id="later")["recordEvents"] == {"recorded": 1, "duplicates": 0}
            assert counted(client) == 2
            received = [socket.receive()["payload"]["data"]["dataChanged"]["dataVersion"]]
            received += [] if received == [2] else [socket.receive()["payload"]["data"]["dataChanged"]["dataVersion"]]
            assert received in ([1, 2], [2])
            api.process.send_signal(signal.SIGTERM)
            assert socket.wait_for_close()[0] == 1012
        finally:
            client.close()
            postgres.stop()


def test_redis_away_at_start_and_later(folder: Path, token: str, migrated_url: str) -> None:
    """Without Redis, recording and queries work, and reports are made or wait for a worker."""
    asyncio.run(add_makerspace(migrated_url))
    redis = embedded.start_redis(folder / "redis")
    if redis is None:
        pytest.skip("there is no Redis for this platform")
    redis_url, port = redis.url, redis.port
    redis.stop()
    environment = {
        "ANALYTICS_DATABASE_URL": migrated_url,
        "ANALYTICS_REDIS_URL": redis_url,
        "ANALYTICS_REPORT_STORAGE_DIR": str(folder / "reports"),
    }
    with run("serve", "--port", "0", folder=folder, **environment) as api:
        client = Client(_address(api), token)
        assert client.get("/readyz").json()["redis"] == "down"
        assert client.ask(RECORD, id="one")["recordEvents"]["recorded"] == 1
        assert counted(client) == 1
        first = client.ask(ASK)["requestReport"]["report"]
        assert first["status"] == "PENDING"

        def made(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
            found = client.ask(STATUS, id=report["id"])["report"]
            return found if found["status"] == "COMPLETED" else None

        with run("worker", folder=folder, **environment):
            assert eventually(lambda: made(first), "a report without Redis") == {
                "status": "COMPLETED",
                "attempts": 1,
                "file": {"rows": 1},
            }
            redis = embedded.start_redis(folder / "redis", port=port)
            assert redis is not None
            try:
                second = client.ask(ASK)["requestReport"]["report"]
                assert eventually(lambda: made(second), "a report with Redis")
                redis.kill()
                third = client.ask(ASK)["requestReport"]["report"]
                assert client.ask(RECORD, id="two")["recordEvents"]["recorded"] == 1
                assert counted(client) == 2
                assert eventually(lambda: made(third), "a report after Redis has gone")
            finally:
                redis.stop()
        client.close()


def test_with_use_mock_data_samples_answer_queries_and_never_mutations(folder: Path, token: str) -> None:
    """Without PostgreSQL, and then without facts, a marked sample answers until the first fact, which is kept."""
    postgres = embedded.start_postgres(folder / "postgres", durable=False)
    asyncio.run(add_makerspace(postgres.url))
    port, url = postgres.port, postgres.url
    postgres.stop()
    settings = {"ANALYTICS_DATABASE_URL": url, "ANALYTICS_USE_MOCK_DATA": "true"}
    with run("serve", "--port", "0", folder=folder, **settings) as api:
        client = Client(_address(api), token)
        assert client.get("/readyz").status_code == 503
        assert origin(client) == ("SAMPLE", True, str(MAKERSPACE), "Werkhof Neukölln")
        assert unavailable(client.answer(RECORD, id="lost"))
        postgres = embedded.start_postgres(folder / "postgres", port=port, durable=False)
        try:
            assert eventually(lambda: client.get("/readyz").status_code == 200, "ready once PostgreSQL is there")
            assert origin(client) == ("SAMPLE", True, str(MAKERSPACE), "Workshop")
            assert client.ask(RECORD, id="kept")["recordEvents"] == {"recorded": 1, "duplicates": 0}
            assert origin(client) == ("LIVE", False, str(MAKERSPACE), "Workshop")
            assert counted(client) == 1
            started = api.children()
            assert "postgres" in {child.name() for child in started}
        finally:
            client.close()
            postgres.stop()
        assert api.stop() == 0
        psutil.wait_procs(started, timeout=60)
        assert [child for child in started if child.is_running()] == []


def origin(client: Client) -> tuple[str, bool, str, str]:
    """Return the origin of the data, whether a note says that it is a sample, and the makerspace's id and name."""
    meta = client.ask("{ usage { meta { dataOrigin notes makerspace { id name } } } }")["usage"]["meta"]
    has_note = any("sample" in note for note in meta["notes"])
    return meta["dataOrigin"], has_note, meta["makerspace"]["id"], meta["makerspace"]["name"]


def _address(api: Any) -> str:
    return eventually(
        lambda: next(iter([word for word in api.errors().split() if word.startswith("http://")]), None), "the address"
    )
