"""Inserts facts as the owner of the tables: single rows, or one fact of every kind at one instant."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models import metadata
from makrcave_analytics.recording.rollups import definitions

TYPES = {
    "login": "authentication",
    "check_in": "access",
    "equipment_reservation": "equipment",
    "inventory_issue": "inventory",
    "project_created": "project",
}
LONG_AGO = date(2020, 1, 1)
SESSION = timedelta(hours=2)


async def insert(owner: asyncpg.Connection, table: str, makerspace_id: UUID, **columns: Any) -> None:
    """Insert one row."""
    row = {"makerspace_id": makerspace_id} | columns
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await owner.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def insert_members(owner: asyncpg.Connection, makerspace: MakerspaceId, *names: str, **columns: Any) -> None:
    """Insert members that were not synced, numbered in this order; `columns` are further columns."""
    known = await owner.fetchval("SELECT count(*) FROM members WHERE makerspace_id = $1", makerspace.value)
    for number, name in enumerate(names, known):
        await insert(
            owner, "members", makerspace.value,
            **{"user_id": name, "number": number, "pseudonym": f"p_{name}"} | columns,
        )  # fmt: skip


async def insert_event(
    owner: asyncpg.Connection, makerspace: MakerspaceId, at: datetime, user: str | None, event_type: str, **columns: Any
) -> None:
    """Insert an event, with the category of its type, else `other`."""
    category = TYPES.get(event_type, "other")
    row = {"id": uuid4(), "user_id": user, "event_type": event_type, "event_category": category, "timestamp": at}
    await insert(owner, "usage_events", makerspace.value, **row | columns)


async def insert_session(
    owner: asyncpg.Connection,
    makerspace: MakerspaceId,
    user: str,
    start: datetime,
    end: datetime | None,
    **columns: Any,
) -> None:
    """Insert a session; `end` None: still open."""
    row = {"id": uuid4(), "equipment_id": "laser", "user_id": user, "start_time": start, "end_time": end}
    await insert(owner, "equipment_usage_logs", makerspace.value, **row | {"usage_type": "production"} | columns)


async def record_everything(owner: asyncpg.Connection, makerspace: MakerspaceId, at: datetime, day: date) -> None:
    """Insert one fact of every kind at an instant and on its local day, without the roll-ups."""
    things = {"equipment_id": "laser", "item_id": "plywood", "project_id": "boat"}
    for name, joined, left in (("ada", LONG_AGO, None), ("ben", day, None), ("cleo", LONG_AGO, day)):
        columns = {"plan": "basic", "joined_on": joined, "left_on": left, "is_synced": True, "first_seen_on": day}
        await insert_members(owner, makerspace, name, **columns)
    for event_type in TYPES:
        await insert_event(owner, makerspace, at, "ada", event_type, **things)
    year = {"revenue_source": "membership", "is_recurring": True, "service_from": day, "service_until": day}
    await insert_payment(owner, makerspace, day, "119", tax_amount=Decimal(19), equipment_id="laser", **year)
    await insert_payment(owner, makerspace, day, "-11.90", tax_amount=Decimal("-1.90"), customer_id="ben")
    stated = {"waste_percentage": Decimal(10), "efficiency_score": Decimal(90), "reorder_triggered": True}
    await insert_consumption(owner, makerspace, day, "plywood", "2.5", "30", user_id="ada", project_id="boat", **stated)
    await insert_project(
        owner, makerspace, "boat", at, at + SESSION, total_cost=Decimal(80), bom_items_count=4, external_items_count=1
    )
    for usage_type in ("production", "maintenance", "repair"):
        measured = {"usage_type": usage_type, "project_id": "boat", "succeeded": True, "energy_kwh": Decimal("1.5")}
        await insert_session(owner, makerspace, "ben", at, at + SESSION, **measured)


async def insert_payment(
    owner: asyncpg.Connection, makerspace: MakerspaceId, day: date, amount: str, **columns: Any
) -> None:
    """Insert a line of revenue, in its own transaction unless `columns` name one."""
    row = {"transaction_id": str(uuid4()), "line_id": "1", "transaction_date": day, "amount": Decimal(amount)}
    usual = {"revenue_source": "workshop", "currency": "EUR", "payment_method": "card", "customer_id": "ada"}
    await insert(owner, "revenue_analytics", makerspace.value, **row | usual | columns)


async def insert_consumption(
    owner: asyncpg.Connection, makerspace: MakerspaceId, day: date, item: str, quantity: str, cost: str, **columns: Any
) -> None:
    """Insert a row of consumption; `columns` are further columns."""
    row = {"id": uuid4(), "item_id": item, "date": day}
    amounts = {"quantity_consumed": Decimal(quantity), "cost_consumed": Decimal(cost)}
    await insert(owner, "inventory_analytics", makerspace.value, **row | amounts | columns)


async def insert_project(
    owner: asyncpg.Connection,
    makerspace: MakerspaceId,
    project: str,
    start: datetime | None,
    end: datetime | None = None,
    **columns: Any,
) -> None:
    """Insert a project, completed at `end` unless that is None; `columns` are further columns."""
    row = {"project_id": project, "started_at": start, "completed_at": end}
    status = "completed" if end else "in_progress" if start else "planned"
    await insert(owner, "project_analytics", makerspace.value, **row | {"status": status} | columns)


async def roll_up(database: Database, makerspace: MakerspaceId, zone: str) -> None:
    """Rebuild the roll-ups from the facts."""
    async with database.write(makerspace) as connection:
        await definitions.rebuild(connection, makerspace.value, zone)


async def clone(owner: asyncpg.Connection, makerspace_id: UUID) -> UUID:
    """Insert a second makerspace with copies of all rows, and return its id. Ids of facts are the same."""
    twin = uuid4()
    await owner.execute(
        "INSERT INTO makerspaces (id, name, time_zone, currency) "
        "SELECT $2, 'Twin', time_zone, currency FROM makerspaces WHERE id = $1",
        makerspace_id, twin,
    )  # fmt: skip
    for table in metadata.sorted_tables:
        if "makerspace_id" in table.c:
            columns = ", ".join(column.name for column in table.c if column.name != "makerspace_id")
            await owner.execute(
                f"INSERT INTO {table.name} (makerspace_id, {columns}) "
                f"SELECT $2, {columns} FROM {table.name} WHERE makerspace_id = $1",
                makerspace_id, twin,
            )  # fmt: skip
    return twin
