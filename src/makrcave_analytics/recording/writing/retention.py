"""Removes raw events that are older than the retention. Their roll-ups stay.

Whole local days are removed, a few per transaction, so that writers never wait for long. The deleting transaction
raises events_kept_since. From then on facts of those days are refused, and the zone is fixed.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.models import makerspaces, usage_events
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.period import day_start, local_day
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.locking import NothingNew, in_transaction, lock

log = telemetry.logger(__name__)

BATCH = 20_000
"""About how many events one transaction removes; a day is never split."""
_SECTIONS = EVENTS.sections | {Section.INVENTORY}
_DAY = timedelta(days=1)


async def remove_old_events(database: Database, *, days: int, now: datetime, batch: int = BATCH) -> int:
    """Remove the events of local days more than `days` before today, of every makerspace; return how many.

    Raises: Unavailable.
    """
    removed = 0
    for makerspace in await _with_old_events(database, now - days * _DAY):
        removed += await remove_old_events_of(database, makerspace, days=days, now=now, batch=batch)
    return removed


async def remove_old_events_of(
    database: Database, makerspace: MakerspaceId, *, days: int, now: datetime, batch: int = BATCH
) -> int:
    """Remove old events of one makerspace; return how many.

    Raises: NotFound, Unavailable.
    """
    removed = 0
    while True:
        gone = await in_transaction(
            database, makerspace, lambda connection: _remove(connection, makerspace, days, now, batch)
        )
        if gone is None:
            break
        removed += gone
    if removed:
        log.info("old events removed", makerspace_id=str(makerspace), events=removed)
    return removed


async def _with_old_events(database: Database, before: datetime) -> list[MakerspaceId]:
    has_old = (
        select(usage_events.c.id)
        .where(usage_events.c.makerspace_id == makerspaces.c.id, usage_events.c.timestamp < before)
        .exists()
    )
    async with database.across() as connection:
        ids = (await connection.scalars(select(makerspaces.c.id).where(has_old).order_by(makerspaces.c.id))).all()
    viewer = Viewer.system("retention of raw events")
    return [viewer.makerspace(value) for value in ids]


async def _remove(connection: Any, makerspace: MakerspaceId, days: int, now: datetime, batch: int) -> int | None:
    """Remove the events of some days; return how many, or None where there are none to remove."""
    locked = await lock(connection, makerspace, _SECTIONS)
    zone = ZoneInfo(locked.time_zone)
    cutoff = day_start(local_day(now, zone) - days * _DAY, zone)
    rows = await connection.fetch(_EDGES, makerspace.value, cutoff, batch)
    if not rows:
        raise NothingNew(None)
    until = cutoff
    if len(rows) > 1:  # more than a batch: up to the day of the first event beyond it, and at least the first day
        first, beyond = (local_day(row["timestamp"], zone) for row in rows)
        until = min(day_start(max(beyond, first + _DAY), zone), cutoff)
    status = await connection.execute(
        "DELETE FROM usage_events WHERE makerspace_id = $1 AND timestamp < $2", makerspace.value, until
    )
    await connection.execute(
        "UPDATE makerspaces SET events_kept_since = greatest(events_kept_since, $2) WHERE id = $1",
        makerspace.value,
        until,
    )
    return int(status.split()[-1])


# The first event that is too old, and the first one beyond a batch.
_EDGES = """
    (SELECT timestamp FROM usage_events WHERE makerspace_id = $1 AND timestamp < $2 ORDER BY timestamp LIMIT 1)
    UNION ALL
    (SELECT timestamp FROM usage_events WHERE makerspace_id = $1 AND timestamp < $2
     ORDER BY timestamp OFFSET $3::int LIMIT 1)
"""
