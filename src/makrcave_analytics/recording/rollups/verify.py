"""Verifies the roll-ups: recomputes them from the facts in one snapshot and compares row by row.

Where old events were removed, it covers only the kept ones.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database, driver
from makrcave_analytics.models import CHUNK_BITS, makerspaces
from makrcave_analytics.models.makerspace import Section, read_makerspace
from makrcave_analytics.recording.locking import in_transaction, lock
from makrcave_analytics.recording.rollups import definitions

SHOWN = 100
"""The most differences of one table that are returned."""


@dataclass(frozen=True)
class Difference:
    """A row of a roll-up that differs from the facts. None: no such row.

    Of presence, `stored` and `expected` are the numbers of the members that only one of them has.
    """

    table: str
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    expected: tuple[Any, ...] | None
    of: int
    """The number of differences of the table, including those beyond SHOWN."""


async def verify_rollups(database: Database, makerspace: MakerspaceId, *, seconds: float = 600) -> list[Difference]:
    """Compare every roll-up of one makerspace with its facts.

    Raises: NotFound, Unavailable.
    """
    found: list[Difference] = []
    async with database.read(makerspace, seconds=seconds) as snapshot:
        zone = (await read_makerspace(snapshot, makerspace)).time_zone
        connection = await driver(snapshot)
        for statement, difference in _COMPARISONS:
            found += [difference(row) for row in await connection.fetch(statement, makerspace.value, zone)]
    return found


async def verify_all(database: Database) -> AsyncIterator[tuple[MakerspaceId, list[Difference]]]:
    """Verify all makerspaces, in the order of their ids."""
    async with database.across() as connection:
        ids = (await connection.scalars(select(makerspaces.c.id).order_by(makerspaces.c.id))).all()
    viewer = Viewer.system("verify")
    for value in ids:
        makerspace = viewer.makerspace(value)
        yield makerspace, await verify_rollups(database, makerspace)


async def repair(database: Database, makerspace: MakerspaceId, *, seconds: float = 600) -> int:
    """Rebuild the roll-ups while writers wait; return the data version in which they are correct.

    Raises: NotFound, Unavailable.
    """

    async def write(connection: Any) -> int:
        locked = await lock(connection, makerspace, Section)
        await definitions.rebuild_on(connection, makerspace.value, locked.time_zone)
        return locked.data_version

    return await in_transaction(database, makerspace, write, seconds=seconds)


_HOURS = f"""
    SELECT hour_start, event_type, event_category, count(*) OVER () AS total,
           s.makerspace_id AS stored, s.local_day, s.hour_of_day, s.events,
           e.makerspace_id AS expected, e.local_day AS due_day, e.hour_of_day AS due_hour, e.events AS due_events
    FROM (
        SELECT h.* FROM makerspaces m JOIN event_hours h ON h.makerspace_id = m.id
        WHERE m.id = $1 AND h.hour_start >= coalesce(m.events_kept_since, '-infinity')
    ) s
    FULL JOIN ({definitions.EXPECTED_HOURS}) e USING (hour_start, event_type, event_category)
    WHERE (s.local_day, s.hour_of_day, s.events) IS DISTINCT FROM (e.local_day, e.hour_of_day, e.events)
    ORDER BY 1, 2, 3 LIMIT {SHOWN}
"""  # noqa: S608 - made of constants

_PRESENCE = f"""
    SELECT local_day, kind, chunk, count(*) OVER () AS total, s.bits AS stored, e.bits AS expected
    FROM (SELECT * FROM member_presence WHERE makerspace_id = $1 AND local_day >= {definitions.FIRST_DAY}) s
    FULL JOIN ({definitions.EXPECTED_PRESENCE}) e USING (local_day, kind, chunk)
    WHERE s.bits IS DISTINCT FROM e.bits
    ORDER BY 1, 2, 3 LIMIT {SHOWN}
"""  # noqa: S608 - made of constants

_FIRST_SEEN = f"""
    SELECT user_id, count(*) OVER () AS total, s.first_seen_on AS stored, e.first_seen_on AS expected
    FROM (SELECT * FROM members WHERE makerspace_id = $1) s
    FULL JOIN ({definitions.EXPECTED_FIRST_SEEN}) e USING (user_id)
    WHERE s.first_seen_on IS DISTINCT FROM e.first_seen_on
      AND coalesce(s.first_seen_on >= {definitions.FIRST_DAY}, true)
    ORDER BY 1 LIMIT {SHOWN}
"""  # noqa: S608 - made of constants


def _hour(row: Any) -> Difference:
    stored = row["stored"] and (row["local_day"], row["hour_of_day"], row["events"])
    expected = row["expected"] and (row["due_day"], row["due_hour"], row["due_events"])
    key = (row["hour_start"], row["event_type"], row["event_category"])
    return Difference("event_hours", key, stored, expected, row["total"])


def _present(row: Any) -> Difference:
    stored, expected = _numbers(row["stored"], row["chunk"]), _numbers(row["expected"], row["chunk"])
    return Difference(
        "member_presence",
        (row["local_day"], row["kind"], row["chunk"]),
        None if row["stored"] is None else tuple(sorted(stored - expected)),
        None if row["expected"] is None else tuple(sorted(expected - stored)),
        row["total"],
    )


def _numbers(bits: Any, chunk: int | None) -> set[int]:
    if bits is None or chunk is None:
        return set()
    return {chunk * CHUNK_BITS + bit for bit, is_set in enumerate(bits.as_string().replace(" ", "")) if is_set == "1"}


def _seen(row: Any) -> Difference:
    stored, expected = ((day,) if day else None for day in (row["stored"], row["expected"]))
    return Difference("members", (row["user_id"], "first_seen_on"), stored, expected, row["total"])


_COMPARISONS: tuple[tuple[str, Callable[[Any], Difference]], ...] = (
    (_HOURS, _hour),
    (_PRESENCE, _present),
    (_FIRST_SEEN, _seen),
)
