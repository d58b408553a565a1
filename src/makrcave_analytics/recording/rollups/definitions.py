"""Definitions of the roll-ups, as SQL: hours, presence, and the first day of each person.

The write applies them to the facts that it inserted, `rebuild` and `verify` to all facts. $1 is the makerspace, $2 its
zone. Knows no caller and no checks. Nothing here reads the clock.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import CHUNK_BITS, FACT_TABLES, FactTable
from makrcave_analytics.models.fact_kind import FactKind

_IS_USE = "s.usage_type <> ALL (ARRAY['maintenance', 'repair'])"


def hours_of(events: str) -> str:
    """Write a SELECT of the rows of event_hours for a relation of events.

    The hour edges are those of `period.hour_start`: where the local clock reads a full hour, and where a day begins.
    date_trunc truncates by the offset at the event. Where the clock changed within that hour (half an hour at Lord
    Howe), the result is no full local hour and is truncated again.
    """
    return f"""
        SELECT h.makerspace_id, h.hour_start, h.event_type, h.event_category,
               (h.hour_start AT TIME ZONE $2)::date AS local_day,
               extract(hour FROM h.hour_start AT TIME ZONE $2)::smallint AS hour_of_day,
               sum(h.events)::bigint AS events
        FROM (
            SELECT c.makerspace_id, c.event_type, c.event_category, c.events,
                   CASE WHEN date_trunc('hour', c.cut, $2) = c.cut THEN c.cut
                        WHEN (date_trunc('hour', c.cut, $2) AT TIME ZONE $2)::date
                             < ((c.cut + interval '1 hour' - interval '1 microsecond') AT TIME ZONE $2)::date
                        THEN date_trunc('day', c.cut + interval '1 hour' - interval '1 microsecond', $2)
                        ELSE date_trunc('hour', c.cut, $2) END AS hour_start
            FROM (
                SELECT e.makerspace_id, date_trunc('hour', e.timestamp, $2) AS cut,
                       e.event_type, e.event_category, count(*) AS events
                FROM {events} e
                GROUP BY 1, 2, 3, 4
            ) c
        ) h
        GROUP BY 1, 2, 3, 4
    """  # noqa: S608 - made of constants


def days_of_events(events: str) -> str:
    """Write a SELECT of (user_id, local_day, is_visit) for a relation of events, one row per event."""
    return f"""
        SELECT e.user_id, (e.timestamp AT TIME ZONE $2)::date AS local_day, e.event_category = 'access' AS is_visit
        FROM {events} e WHERE e.user_id IS NOT NULL
    """  # noqa: S608 - made of constants


def days_of_sessions(sessions: str) -> str:
    """Write a SELECT of (user_id, local_day, is_visit) for a relation of machine sessions.

    A closed session has each local day that it touches, its end excluded; an open one the day on which it starts.
    Maintenance and repair have their first day, with is_visit null: they mark no presence.
    """
    return f"""
        SELECT s.user_id, d.day::date AS local_day, CASE WHEN {_IS_USE} THEN true END AS is_visit
        FROM {sessions} s
        CROSS JOIN LATERAL generate_series(
            (s.start_time AT TIME ZONE $2)::date::timestamp,
            (CASE WHEN {_IS_USE} THEN greatest(s.start_time, s.end_time - interval '1 microsecond')
                  ELSE s.start_time END AT TIME ZONE $2)::date::timestamp,
            interval '1 day') AS d(day)
        WHERE s.user_id IS NOT NULL
    """  # noqa: S608 - made of constants


def days_of_dates(rows: str, person: str, date: str) -> str:
    """Write a SELECT of (user_id, local_day, is_visit) for facts of a day. is_visit is null: they mark no presence."""
    return f"""
        SELECT e.{person} AS user_id, e.{date} AS local_day, NULL::bool AS is_visit
        FROM {rows} e WHERE e.{person} IS NOT NULL
    """  # noqa: S608 - made of constants


def marks_of(days: str, number: str, people: str = "true") -> str:
    """Write a SELECT of (user_id, local_day, is_visit, number, first_seen_on, pseudonym), one row per person and day.

    is_visit null: named by a fact, and not present.
    `days` is a relation of (user_id, local_day, is_visit). `number` is SQL of a member's number, over the row k of
    members. `people` is SQL that is true for the rows k of all people in `days`, where that spares reading all members.
    """
    return f"""
        SELECT p.user_id, p.local_day, p.is_visit, {number} AS number, k.first_seen_on, k.pseudonym
        FROM (SELECT user_id, local_day, bool_or(is_visit) AS is_visit FROM {days} GROUP BY 1, 2) p
        LEFT JOIN members k ON k.makerspace_id = $1 AND k.user_id = p.user_id AND {people}
    """  # noqa: S608 - made of constants


def presence_of(marks: str) -> str:
    """Write a SELECT of the rows of member_presence without makerspace_id, for a relation of `marks_of`."""
    return f"""
        SELECT b.local_day, k.kind, b.chunk, bit_or(b.bits) AS bits
        FROM (
            SELECT p.local_day, p.is_visit, p.number / {CHUNK_BITS} AS chunk,
                   bit_or(set_bit(B'0'::bit({CHUNK_BITS}), p.number % {CHUNK_BITS}, 1)) AS bits
            FROM {marks} p WHERE p.is_visit IS NOT NULL
            GROUP BY 1, 2, 3
        ) b
        JOIN (VALUES ('any', false), ('visit', true)) AS k(kind, needs_visit) ON b.is_visit >= k.needs_visit
        GROUP BY 1, 2, 3
    """  # noqa: S608 - made of constants


_KEPT = """(
    SELECT e.* FROM makerspaces m JOIN usage_events e ON e.makerspace_id = m.id
    WHERE m.id = $1 AND e.voided_at IS NULL AND e.timestamp >= coalesce(m.events_kept_since, '-infinity')
)"""
_SESSIONS = "(SELECT * FROM equipment_usage_logs WHERE makerspace_id = $1 AND voided_at IS NULL)"
_DAYS = f"({days_of_events(_KEPT)} UNION ALL {days_of_sessions(_SESSIONS)}) d"
# Roll-ups of days before the first kept event stay as they are.
FIRST_DAY = """(
    SELECT coalesce((m.events_kept_since AT TIME ZONE $2)::date, '-infinity') FROM makerspaces m WHERE m.id = $1
)"""

EXPECTED_HOURS = hours_of(_KEPT)
EXPECTED_PRESENCE = f"""
    SELECT $1::uuid AS makerspace_id, e.*
    FROM ({presence_of(f"({marks_of(_DAYS, 'k.number')})")}) e
    WHERE e.local_day >= {FIRST_DAY}
"""  # noqa: S608


def first_seen_of(people: str = "true") -> str:
    """Write a SELECT of (user_id, first_seen_on): the first local day of any fact that names the person.

    `people` is SQL over the person's id `f.person`.
    """
    days = " UNION ALL ".join(_named_days(kind, stored) for kind, stored in FACT_TABLES.items())
    return f"""
        SELECT f.person AS user_id, min(f.day) AS first_seen_on FROM ({days}) f
        WHERE f.person IS NOT NULL AND {people} GROUP BY 1
    """  # noqa: S608 - made of constants


def _named_days(kind: FactKind, stored: FactTable) -> str:
    """Write a SELECT of (person, day) for each fact of a kind that is not voided. Instants have their local day."""
    counted = f"(SELECT * FROM {stored.table.name} WHERE makerspace_id = $1 AND voided_at IS NULL)"  # noqa: S608
    rows = _KEPT if kind is FactKind.EVENT else counted
    day = f"r.{stored.when}" if stored.has_days else f"(r.{stored.when} AT TIME ZONE $2)::date"
    return f"SELECT r.{stored.person} AS person, {day} AS day FROM {rows} r"  # noqa: S608


EXPECTED_FIRST_SEEN = first_seen_of()

_REBUILD = (
    """
    DELETE FROM event_hours h USING makerspaces m
    WHERE m.id = $1 AND h.makerspace_id = m.id AND h.hour_start >= coalesce(m.events_kept_since, '-infinity')
    """,
    f"""
    INSERT INTO event_hours
        (makerspace_id, hour_start, event_type, event_category, local_day, hour_of_day, events)
    {EXPECTED_HOURS}
    """,
    f"""
    DELETE FROM member_presence p USING makerspaces m
    WHERE m.id = $1 AND p.makerspace_id = m.id AND p.local_day >= {FIRST_DAY}
    """,  # noqa: S608
    f"""
    INSERT INTO member_presence (makerspace_id, local_day, kind, chunk, bits)
    {EXPECTED_PRESENCE}
    """,
    f"""
    UPDATE members n SET first_seen_on = f.first_seen_on
    FROM members o LEFT JOIN ({EXPECTED_FIRST_SEEN}) f ON f.user_id = o.user_id
    WHERE o.makerspace_id = $1 AND n.makerspace_id = o.makerspace_id AND n.user_id = o.user_id
      AND n.first_seen_on IS DISTINCT FROM f.first_seen_on AND coalesce(n.first_seen_on >= {FIRST_DAY}, true)
    """,  # noqa: S608
)


async def rebuild(connection: AsyncConnection, makerspace_id: UUID, zone: str) -> None:
    """Rebuild the roll-ups of one makerspace from its facts, inside the caller's transaction.

    Every person whom a fact names must have a row in members. Where old events were removed, the roll-ups before that
    instant stay. All rows are written, also correct ones: a million events took 7 s on two cores.
    """
    for statement, parameters in _steps(makerspace_id, zone):
        await connection.exec_driver_sql(statement, parameters)


async def rebuild_on(connection: Any, makerspace_id: UUID, zone: str) -> None:
    """Rebuild as `rebuild` does, on the driver's connection."""
    for statement, parameters in _steps(makerspace_id, zone):
        await connection.execute(statement, *parameters)


def _steps(makerspace_id: UUID, zone: str) -> Iterator[tuple[str, tuple[UUID | str, ...]]]:
    yield "SET LOCAL work_mem = '128MB'", ()  # sorts a year of people by day in memory
    for statement in _REBUILD:
        yield statement, (makerspace_id, zone) if "$2" in statement else (makerspace_id,)
