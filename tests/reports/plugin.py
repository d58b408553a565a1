"""Fixtures of reports and tasks: a makerspace with literal events, a storage, and short ways to request reports."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.period import DateRange, PeriodInput
from makrcave_analytics.reports.inputs import ReportRequestInput
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.context import RequestContext, Requester
from makrcave_analytics.reports.requests.create import request_report
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
MARCH = PeriodInput(range=DateRange(date(2026, 3, 1), date(2026, 3, 31)))
MANAGER = Requester("mira", "Mira Manager", frozenset(Permission))
FINANCE = Requester("finn", "Finn Finance", frozenset({Permission.READ, Permission.READ_MONEY, Permission.REPORT}))


class Ask(Protocol):
    """Requests a USAGE report of March as CSV; `changes` are fields of ReportRequestInput, and `channels`."""

    async def __call__(self, makerspace: MakerspaceId, requester: Requester = MANAGER, **changes: Any) -> Report: ...


class AddEvents(Protocol):
    """Inserts events as rows of usage_events, and their members."""

    async def __call__(self, makerspace: MakerspaceId, *rows: dict[str, Any]) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of report files; it does not exist yet."""
    return tmp_path / "reports"


@pytest.fixture
def storage(folder: Path) -> FolderStorage:
    return FolderStorage(folder)


@pytest.fixture
def runner(database: Database, storage: FolderStorage) -> ReportRunner:
    return ReportRunner(database, storage, keep_for=timedelta(days=30))


@pytest.fixture
def ask(database: Database) -> Ask:
    async def run(makerspace: MakerspaceId, requester: Requester = MANAGER, **changes: Any) -> Report:
        channels = changes.pop("channels", WEBHOOKS_ONLY)
        asked = {"type": ReportType.USAGE, "format": ReportFormat.CSV, "period": MARCH} | changes
        context = RequestContext(database, makerspace, requester, NOW, channels=channels)
        return await request_report(context, ReportRequestInput(**asked))

    return run


@pytest.fixture
def add_events(owner: asyncpg.Connection) -> AddEvents:
    async def run(makerspace: MakerspaceId, *rows: dict[str, Any]) -> None:
        for row in rows:
            values = {"makerspace_id": makerspace.value, "id": uuid4(), "event_category": "equipment"} | row
            await insert(owner, "usage_events", values)

    return run


async def insert(owner: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert one row."""
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await owner.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


@pytest.fixture
async def berlin(make_makerspace: MakeMakerspace, owner: asyncpg.Connection, add_events: AddEvents) -> MakerspaceId:
    """Three events with synced names of people and things; two of them around the change to summer time."""
    makerspace = await make_makerspace("Europe/Berlin", name="Werkstatt Süd", data_version=7)
    tenant = {"makerspace_id": makerspace.value}
    ada = {"user_id": "u-ada", "number": 0, "display_name": 'Ada, "Countess"', "pseudonym": "p_7f3k2qxd00000000000"}
    await insert(owner, "members", tenant | ada)
    await insert(owner, "members", tenant | {"user_id": "u-bo", "number": 1, "pseudonym": "p_aaaabbbb00000000000"})
    await insert(owner, "equipment", tenant | {"equipment_id": "m1", "name": "Laser", "category": "cutting"})
    await insert(owner, "inventory_items", tenant | {"item_id": "i1", "name": "Plywood"})
    await insert(owner, "project_analytics", tenant | {"project_id": "p1", "name": "Chair"})
    await add_events(
        makerspace,
        {
            "id": UUID(int=3),
            "user_id": "u-bo",
            "event_type": "login",
            "event_category": "authentication",
            "timestamp": datetime(2026, 3, 29, 1, 30, 0, 250_000, tzinfo=UTC),
        },
        {
            "id": UUID(int=2),
            "user_id": "u-ada",
            "event_type": "equipment_reservation",
            "equipment_id": "m1",
            "item_id": "i1",
            "project_id": "p1",
            "metadata": '{"note": "a \\"b\\"\\nc"}',
            "timestamp": datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        },
        {
            "id": UUID(int=1),
            "event_type": "door",
            "event_category": "access",
            "equipment_id": "m9",
            "timestamp": datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
        },
    )
    return makerspace


def content(folder: Path, report: Report) -> bytes:
    """The bytes of a completed report's file."""
    assert report.file is not None
    return (folder / str(report.makerspace) / str(report.file.id)).read_bytes()


async def until(condition: Callable[[], Any], *, seconds: float = 30) -> Any:
    """Wait until an async condition is true; return its value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await condition()):
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.02)
    return found
