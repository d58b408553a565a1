"""Fills makerspaces with sample data, in one transaction each, and removes them again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, make_url, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.models import (
    FACT_TABLES,
    equipment,
    event_hours,
    inventory_items,
    makerspaces,
    member_presence,
    members,
    metadata,
    project_analytics,
)
from makrcave_analytics.period.days import add_months
from makrcave_analytics.recording.rollups import definitions
from makrcave_analytics.sample.events import fill_events
from makrcave_analytics.sample.logo import draw_logo
from makrcave_analytics.sample.machines import fill_machines, machines_of
from makrcave_analytics.sample.money import fill_money
from makrcave_analytics.sample.people import draw_people, fill_people, moments_of_people
from makrcave_analytics.sample.plan import Plan
from makrcave_analytics.sample.projects import draw_projects, fill_projects, moments_of_projects
from makrcave_analytics.sample.scratch import prepare
from makrcave_analytics.sample.sessions import fill_sessions
from makrcave_analytics.sample.settings import MAKERSPACES, SampleMakerspace
from makrcave_analytics.sample.stock import fill_consumption, fill_items, items_of
from makrcave_analytics.sample.visits import fill_visits

_FACTS = tuple(stored.table for stored in FACT_TABLES.values())
_FILLED = (*_FACTS, members, equipment, inventory_items, project_analytics)

Pseudonym = Callable[[UUID, str], str]
"""From a makerspace and a user_id to the pseudonym of that person there."""


@dataclass(frozen=True)
class SampleOptions:
    """What a sample contains and how large it is."""

    seed: int = 1
    scale: float = 1
    """Multiplies the events of the first makerspace. Below 1 it thins the facts of all makerspaces."""
    member_count: int | None = None
    """Members of the first makerspace; None: its usual number."""
    is_empty: bool = False
    """Only the makerspaces, without any data and with the origin LIVE."""
    origin: str = "SAMPLE"
    makerspaces: Sequence[SampleMakerspace] = MAKERSPACES


async def fill_sample(
    url: str, *, now: datetime, pseudonym: Pseudonym, options: SampleOptions = SampleOptions()
) -> None:
    """Fill the sample makerspaces with the 13 months before `now`, in one transaction each.

    `url` is the owner's, of a migrated database. A makerspace that already has data is left alone.
    """
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)

    async def fill_one(makerspace: SampleMakerspace) -> bool:
        plan = _plan(makerspace, now, options)
        async with engine.begin() as connection:
            return await _fill_makerspace(connection, plan, pseudonym, options)

    try:
        for concurrent in _rounds(options):
            outcomes = await asyncio.gather(*map(fill_one, concurrent), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
            if any(outcomes):
                await _vacuum(engine)
    finally:
        await engine.dispose()


async def clear_sample(url: str, *ids: UUID) -> None:
    """Remove makerspaces with all their data; `url` is the owner's."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                column = table.c.id if table is makerspaces else table.c.makerspace_id
                await connection.execute(delete(table).where(column.in_(ids)))
    finally:
        await engine.dispose()


def _plan(makerspace: SampleMakerspace, now: datetime, options: SampleOptions) -> Plan:
    """Plan one makerspace: only the first gets the member count and a scale above 1."""
    is_first = makerspace is options.makerspaces[0]
    scale = options.scale if is_first else min(options.scale, 1)
    return Plan(makerspace, now.astimezone(UTC), options.seed, scale, options.member_count if is_first else None)


def _rounds(options: SampleOptions) -> tuple[Sequence[SampleMakerspace], ...]:
    """Group the makerspaces that are filled concurrently: the database does most of the work, and no rows are shared.

    A large first makerspace is filled alone and before the others: its keys are then the greatest, which leaves the
    pages of the indexes full.
    """
    which = options.makerspaces
    return (which[:1], which[1:]) if options.scale > 1 else (which,)


async def _fill_makerspace(
    connection: AsyncConnection, plan: Plan, pseudonym: Pseudonym, options: SampleOptions
) -> bool:
    """Insert the makerspace if it is missing, and fill it if it has no data; return whether it was filled."""
    makerspace_id = plan.makerspace.id
    origin = "LIVE" if options.is_empty else options.origin
    settings = _makerspace_settings(plan)
    await connection.execute(
        insert(makerspaces)
        .values(id=makerspace_id, origin=origin, created_at=plan.at(plan.first_day, 0), **settings)
        .on_conflict_do_nothing()
    )
    # A statement of its own: a concurrent filler waits for this lock and then sees the rows that were committed.
    await connection.execute(select(makerspaces.c.id).where(makerspaces.c.id == makerspace_id).with_for_update())
    if options.is_empty or await _has_data(connection, makerspace_id):
        return False
    version = makerspaces.c.data_version + 1
    await connection.execute(
        update(makerspaces)
        .where(makerspaces.c.id == makerspace_id)
        .values(origin=origin, data_version=version, **settings)
    )
    await prepare(connection)
    await _fill_tables(connection, plan, pseudonym)
    await _finish(connection, plan)
    return True


async def _fill_tables(connection: AsyncConnection, plan: Plan, pseudonym: Pseudonym) -> None:
    people, machines, items = draw_people(plan), machines_of(plan), items_of()
    projects = draw_projects(plan, people)
    await fill_people(connection, plan, people, pseudonym)
    await fill_machines(connection, plan, machines)
    await fill_items(connection, plan, items)
    await fill_projects(connection, plan, projects)
    await fill_visits(connection, plan)
    await fill_events(connection, plan, [*moments_of_people(plan, people), *moments_of_projects(plan, projects)])
    await fill_sessions(connection, plan, machines)
    await fill_consumption(connection, plan)
    await fill_money(connection, plan, people)


async def _finish(connection: AsyncConnection, plan: Plan) -> None:
    """Void some facts, and derive freshness, section versions and roll-ups from what was filled."""
    makerspace_id, zone = plan.makerspace.id, plan.makerspace.time_zone
    for statement in (_VOIDED_EVENTS, _VOIDED_REVENUE):
        await connection.execute(text(statement), {"makerspace": makerspace_id, "now": plan.now})
    await connection.execute(text(_FRESHNESS), {"makerspace": makerspace_id, "zone": zone})
    await connection.execute(text(_SECTION_VERSIONS), {"makerspace": makerspace_id, "sections": list(Section)})
    await definitions.rebuild(connection, makerspace_id, zone)


_VOIDED_EVENTS = """
    UPDATE usage_events SET voided_at = :now, void_reason = 'Door sensor test'
    WHERE makerspace_id = :makerspace AND id = ANY (ARRAY(
        SELECT id FROM usage_events
        WHERE makerspace_id = :makerspace AND event_type = 'door_access'
          AND timestamp > CAST(:now AS timestamptz) - interval '20 days'
        ORDER BY timestamp, id LIMIT 4))
"""

_VOIDED_REVENUE = """
    UPDATE revenue_analytics SET voided_at = :now, void_reason = 'Entered twice'
    WHERE makerspace_id = :makerspace AND line_id = '1' AND transaction_id = ANY (ARRAY(
        SELECT transaction_id FROM revenue_analytics
        WHERE makerspace_id = :makerspace AND revenue_source = 'workshop' AND amount > 0
        ORDER BY transaction_date DESC, transaction_id LIMIT 2))
"""

_FRESHNESS = """
    INSERT INTO freshness (makerspace_id, kind, last_recorded_at, last_fact_at)
    SELECT :makerspace, kind, recorded, fact FROM (
        SELECT 'EVENT' AS kind, max(recorded_at) AS recorded, max(timestamp) AS fact FROM (
            SELECT recorded_at, timestamp FROM usage_events
            WHERE makerspace_id = :makerspace ORDER BY timestamp DESC LIMIT 1000) newest
        UNION ALL
        SELECT 'EQUIPMENT_USAGE', max(recorded_at), max(greatest(start_time, end_time))
        FROM equipment_usage_logs WHERE makerspace_id = :makerspace
        UNION ALL
        SELECT 'INVENTORY_USAGE', max(recorded_at), max(date)::timestamp AT TIME ZONE :zone
        FROM inventory_analytics WHERE makerspace_id = :makerspace
        UNION ALL
        SELECT 'REVENUE', max(recorded_at), max(transaction_date)::timestamp AT TIME ZONE :zone
        FROM revenue_analytics WHERE makerspace_id = :makerspace
    ) kinds WHERE recorded IS NOT NULL
"""

_SECTION_VERSIONS = """
    UPDATE makerspaces SET section_versions =
        (SELECT jsonb_object_agg(section, data_version) FROM unnest(CAST(:sections AS text[])) AS section)
    WHERE id = :makerspace
"""


async def _has_data(connection: AsyncConnection, makerspace_id: UUID) -> bool:
    found = or_(*(exists().where(table.c.makerspace_id == makerspace_id) for table in _FILLED))
    return bool(await connection.scalar(select(found)))


def _makerspace_settings(plan: Plan) -> dict[str, Any]:
    makerspace = plan.makerspace
    return {
        "name": makerspace.name,
        "time_zone": makerspace.time_zone,
        "currency": makerspace.currency,
        "locale": makerspace.locale,
        "week_start": makerspace.week_start,
        "fiscal_year_start_month": makerspace.fiscal_year_start_month,
        "opening_hours": [opening.stored() for opening in makerspace.opening_hours],
        "closures": makerspace.closures(plan.first_day, add_months(plan.today, 6)),
        "brand_color": makerspace.brand_color,
        "logo": draw_logo(makerspace.brand_color),
    }


async def _vacuum(engine: AsyncEngine) -> None:
    """Update the planner's statistics now: the first queries come before autovacuum does."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in (*_FILLED, event_hours, member_presence):
            await connection.execute(text(f"VACUUM (ANALYZE) {table.name}"))
