"""The import command: its output, its exit codes, and its behaviour when killed."""

import asyncio
import csv
import signal
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
from tests.processes.conftest import run

ROWS = 4000
FIRST = datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=1)))  # in Berlin, in winter
STORED = "SELECT user_id, timestamp, count(*) FROM usage_events WHERE makerspace_id = $1 GROUP BY 1, 2 ORDER BY 1, 2"


def write_log(path: Path) -> Path:
    """Write the log of a door without ids, every row twice."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("event_type", "user_id", "timestamp"))
        for n in range(ROWS // 2):
            row = ("check_in", f"u{n % 50}", (FIRST + timedelta(minutes=7 * n)).replace(tzinfo=None))
            writer.writerows((row, row))
    return path


def command(path: Path, makerspace: object, *more: str) -> tuple[str, ...]:
    return "import", path.name, "--kind", "events", "--makerspace", str(makerspace), *more


async def test_an_import_killed_midway_and_repeated_equals_one_run(
    make_makerspace, owner: asyncpg.Connection, migrated_url: str, tmp_path: Path
) -> None:
    makerspace = await make_makerspace()
    path = write_log(tmp_path / "door.csv")
    slow = {"ANALYTICS_DATABASE_URL": migrated_url, "ANALYTICS_BATCH_SIZE": "5"}
    with run(*command(path, makerspace), folder=tmp_path, **slow) as running:
        while not await owner.fetchval("SELECT count(*) FROM usage_events"):
            assert running.process.poll() is None, running.errors()
            await asyncio.sleep(0.01)
        assert await asyncio.to_thread(running.stop, signal.SIGKILL) == -signal.SIGKILL
    stored = await owner.fetchval("SELECT count(*) FROM usage_events")
    assert 0 < stored < ROWS
    with run(*command(path, makerspace), folder=tmp_path, ANALYTICS_DATABASE_URL=migrated_url) as running:
        printed = await asyncio.to_thread(running.line)
        assert await asyncio.to_thread(running.process.wait) == 0
    assert printed == f"{ROWS} rows: {ROWS - stored} recorded, 0 updated, {stored} duplicates, 0 rejected\n"
    twice = [(f"u{n % 50}", (FIRST + timedelta(minutes=7 * n)).astimezone(UTC), 2) for n in range(ROWS // 2)]
    assert [tuple(row) for row in await owner.fetch(STORED, makerspace.value)] == sorted(twice)


async def test_it_ends_with_1_for_refused_rows_and_with_2_for_a_bad_file(
    make_makerspace, owner: asyncpg.Connection, migrated_url: str, tmp_path: Path
) -> None:
    makerspace = await make_makerspace()
    path = tmp_path / "door.csv"
    path.write_text("event_type,timestamp,note\nlogin,2026-01-05 10:00,\nlogin,yesterday,\n")

    async def run_import(*more: str) -> tuple[int, str, str]:
        with run(*command(path, makerspace, *more), folder=tmp_path, ANALYTICS_DATABASE_URL=migrated_url) as running:
            code = await asyncio.to_thread(running.process.wait)
            return code, running.process.stdout.read(), running.errors()

    code, printed, errors = await run_import("--dry-run")
    counted = "2 rows: 1 recorded, 0 updated, 0 duplicates, 1 rejected\n"
    assert (code, printed) == (1, "Dry run, nothing was written. " + counted)
    assert "line 3: timestamp: A timestamp is written like" in errors
    assert "Unknown columns, ignored: note" in errors
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 0
    path.write_text("event_type\nlogin\n")
    code, printed, errors = await run_import()
    assert (code, printed) == (2, "")
    message = errors.replace("\n", " ")
    assert message.startswith("makrcave-analytics: door.csv has no column timestamp; a file of events")
