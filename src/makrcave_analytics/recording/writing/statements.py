"""The SQL of a kind of fact: insert, close, compare, void. Generated once from its declaration and the roll-ups.

Parameters of insert and close: $1 the makerspace, $2 its zone, $3 now, $4 and $5 people and their pseudonyms, then one
array per column. Each INSERT … SELECT reads its makerspace's row, so that a distributed database runs it on one node.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from makrcave_analytics.recording.facts.kind import FactColumn, Kind
from makrcave_analytics.recording.rollups import definitions

# A known member keeps the number; new members get the next numbers, in the order of their ids.
_NUMBER = """coalesce(k.number, (SELECT coalesce(max(number) + 1, 0) FROM members WHERE makerspace_id = $1)
                   + dense_rank() OVER (PARTITION BY k.number IS NULL ORDER BY p.user_id)::int - 1)"""

_SEEN = """
    INSERT INTO members (makerspace_id, user_id, number, pseudonym, first_seen_on)
    SELECT m.id, p.user_id, p.number,
           coalesce(p.pseudonym, ($5::text[])[array_position($4::text[], p.user_id::text)]), min(p.local_day)
    FROM makerspaces m, marks p
    WHERE m.id = $1
    GROUP BY m.id, p.user_id, p.number, p.first_seen_on, p.pseudonym
    HAVING coalesce(min(p.local_day) < p.first_seen_on, true)
    ON CONFLICT (makerspace_id, user_id) DO UPDATE SET first_seen_on = excluded.first_seen_on
"""

_HOURS = f"""
    INSERT INTO event_hours (makerspace_id, hour_start, event_type, event_category, local_day, hour_of_day, events)
    SELECT m.id, h.hour_start, h.event_type, h.event_category, h.local_day, h.hour_of_day, h.events
    FROM makerspaces m, ({definitions.hours_of("facts")}) h
    WHERE m.id = $1
    ON CONFLICT (makerspace_id, hour_start, event_type, event_category)
        DO UPDATE SET events = event_hours.events + excluded.events
"""  # noqa: S608 - made of constants, as all here

_PRESENCE = f"""
    INSERT INTO member_presence (makerspace_id, local_day, kind, chunk, bits)
    SELECT m.id, p.local_day, p.kind, p.chunk, p.bits
    FROM makerspaces m, ({definitions.presence_of("marks")}) p
    WHERE m.id = $1
    ON CONFLICT (makerspace_id, local_day, kind, chunk)
        DO UPDATE SET bits = member_presence.bits | excluded.bits
        WHERE member_presence.bits <> member_presence.bits | excluded.bits
"""  # noqa: S608

# Each row of an hour is updated or deleted, never both; an hour without events has no row.
_FEWER_HOURS = f"""
    , fewer AS (
        SELECT * FROM ({definitions.hours_of("facts")}) h
    ), emptied AS (
        DELETE FROM event_hours o USING fewer h
        WHERE o.makerspace_id = $1 AND o.hour_start = h.hour_start AND o.event_type = h.event_type
          AND o.event_category = h.event_category AND o.events <= h.events
    ), lessened AS (
        UPDATE event_hours o SET events = o.events - h.events FROM fewer h
        WHERE o.makerspace_id = $1 AND o.hour_start = h.hour_start AND o.event_type = h.event_type
          AND o.event_category = h.event_category AND o.events > h.events
    )
"""  # noqa: S608


@cache
def insert(kind: Kind[Any]) -> str:
    """Write the statement that inserts facts with their roll-ups; it returns the positions of those whose ids exist."""
    names = _names(kind.columns)
    values = ", ".join(column.sent for column in kind.columns)
    return f"""
        WITH facts AS (
            INSERT INTO {kind.table} (makerspace_id, {names}, recorded_at)
            SELECT m.id, {values}, $3
            FROM makerspaces m, {_sent(kind.columns, (), 6)}
            WHERE m.id = $1
            ON CONFLICT DO NOTHING
            RETURNING makerspace_id, {_counted(kind)}
        ), {_rollups(kind, "k.user_id = ANY ($4::text[])")}
        {_rest(kind)}
    """  # noqa: S608


@cache
def close(kind: Kind[Any]) -> str:
    """Write the statement that closes open facts and updates the roll-ups. Stored values stay, nulls are filled in.

    It returns the positions of the facts that are not there.
    """
    later = [column for column in kind.columns if column.may_follow]
    filled = ", ".join(f"{column.name} = coalesce(e.{column.name}, {column.sent})" for column in later)
    returned = ", ".join(f"e.{name}" for name in _counted(kind).split(", "))
    return f"""
        WITH facts AS (
            UPDATE {kind.table} e SET {filled}
            FROM {_sent(kind.columns, (), 6)}
            WHERE e.makerspace_id = $1 AND {_is_key(kind)} AND {_among(kind, 6)}
            RETURNING e.makerspace_id, {returned}
        ), {_rollups(kind)}
        {_rest(kind)}
    """  # noqa: S608


@cache
def compare(kind: Kind[Any]) -> str:
    """Write the SELECT of (position, is_same, may_close) for facts whose ids exist. $1 is the makerspace, then arrays.

    The subquery finds all ids at once. Statistics do not know a new makerspace, and a plan that looks up one id after
    the other may choose an index that it scans whole each time.
    """
    others = kind.columns[kind.keys :]
    same = " AND ".join(f"({_equal(column)} OR NOT ({column.compared_if}))" for column in others)
    closes = "false"
    if kind.closed_by is not None:
        fits = " AND ".join(
            f"(e.{c.name} IS NULL OR {c.sent} IS NULL OR {_equal(c)})" if c.may_follow else _equal(c) for c in others
        )
        closes = f"(e.{kind.closed_by} IS NULL AND u.{kind.closed_by} IS NOT NULL AND {fits})"
    return f"""
        SELECT u.position, ({same}) OR (e.voided_at IS NOT NULL AND {closes}) AS is_same,
               e.voided_at IS NULL AND {closes} AS may_close
        FROM {_sent(kind.columns, kind.flags, 2)}
        JOIN (
            SELECT * FROM {kind.table} e WHERE e.makerspace_id = $1 AND {_among(kind, 2)} OFFSET 0
        ) e ON {_is_key(kind)}
    """  # noqa: S608


@cache
def recorded_at(kind: Kind[Any]) -> str:
    """Write the SELECT of recorded_at of one fact. $1 is the makerspace, then one parameter per key column."""
    key = " AND ".join(f"{column.name} = ${n}" for n, column in enumerate(kind.key_columns, 2))
    return f"SELECT recorded_at FROM {kind.table} WHERE makerspace_id = $1 AND {key}"  # noqa: S608


@cache
def state(kind: Kind[Any]) -> str:
    """Write the SELECT of (position, is_voided) for ids that exist. $1 the makerspace, then an array per key column."""
    return f"""
        SELECT u.position, e.voided_at IS NOT NULL AS is_voided
        FROM {_sent(kind.key_columns, (), 2)}
        JOIN (
            SELECT * FROM {kind.table} e WHERE e.makerspace_id = $1 AND {_among(kind, 2)} OFFSET 0
        ) e ON {_is_key(kind)}
    """  # noqa: S608


@cache
def void(kind: Kind[Any]) -> str:
    """Write the statement that marks facts as voided and subtracts them from the hours.

    It returns (user_id, local_day) of the people whom they named. $1 is the makerspace, $2 its zone, $3 now, $4 an
    array of reasons, then one array per key column.
    """
    keys = kind.key_columns
    arrays = ", ".join(f"${n}::{column.type}[]" for n, column in enumerate(keys, 5))
    returned = ", ".join(f"e.{name}" for name in _counted(kind).split(", "))
    return f"""
        WITH facts AS (
            UPDATE {kind.table} e SET voided_at = $3, void_reason = u.reason
            FROM unnest($4::text[], {arrays}) AS u(reason, {_names(keys)})
            WHERE e.makerspace_id = $1 AND {_is_key(kind)} AND {_among(kind, 5)} AND e.voided_at IS NULL
            RETURNING e.makerspace_id, {returned}
        ) {_FEWER_HOURS if kind.has_hours else ""}
        SELECT DISTINCT d.user_id, d.local_day FROM ({kind.days("facts")}) d
        WHERE $2::text <> ''  -- kinds that know only days use $2 nowhere else
    """  # noqa: S608


def _rollups(kind: Kind[Any], people: str = "true") -> str:
    """Write the common table expressions that add the rows of `facts` to the roll-ups.

    `people` is SQL for the members k whom the facts name. It is not used for closing: the person may be stored only in
    the open fact.
    """
    marks = definitions.marks_of(f"({kind.days('facts')}) d", _NUMBER, people)
    parts = {"marks": marks, "seen": _SEEN}
    if kind.has_hours:
        parts["hours"] = _HOURS
    if kind.marks_presence:
        parts["presence"] = _PRESENCE
    parts["fresh"] = f"""
        INSERT INTO freshness (makerspace_id, kind, last_recorded_at, last_fact_at)
        SELECT m.id, '{kind.fact}', $3, max({kind.latest}) FROM makerspaces m, facts f WHERE m.id = $1 GROUP BY m.id
        ON CONFLICT (makerspace_id, kind)
            DO UPDATE SET last_recorded_at = greatest(freshness.last_recorded_at, excluded.last_recorded_at),
                          last_fact_at = greatest(freshness.last_fact_at, excluded.last_fact_at)
    """  # noqa: S608
    return ", ".join(f"{name} AS ({sql})" for name, sql in parts.items())


def _rest(kind: Kind[Any]) -> str:
    """Write the SELECT of the positions of the facts that are not in `facts`."""
    keys = kind.key_columns
    return f"""
        SELECT u.position FROM {_sent(keys, (), 6)}
        WHERE ({_names(keys, "u.")}) NOT IN (SELECT {_names(keys)} FROM facts)
    """  # noqa: S608


def _sent(columns: Iterable[FactColumn], flags: Iterable[str], first: int) -> str:
    """Write the relation `u` of the facts as sent, with a position from 1."""
    types = [*((c.name, c.type) for c in columns), *((flag, "bool") for flag in flags)]
    arrays = ", ".join(f"${n}::{type_}[]" for n, (_, type_) in enumerate(types, first))
    return f"unnest({arrays}) WITH ORDINALITY AS u({', '.join(name for name, _ in types)}, position)"


def _names(columns: Iterable[FactColumn], prefix: str = "") -> str:
    return ", ".join(prefix + column.name for column in columns)


def _counted(kind: Kind[Any]) -> str:
    """Name the columns that roll-ups may use: all but JSON, which they never use."""
    return ", ".join(column.name for column in kind.columns if column.stored_as != "jsonb")


def _is_key(kind: Kind[Any]) -> str:
    return " AND ".join(f"e.{column.name} = u.{column.name}" for column in kind.key_columns)


def _among(kind: Kind[Any], first: int) -> str:
    column = kind.columns[0]
    return f"e.{column.name} = ANY (${first}::{column.type}[])"


def _equal(column: FactColumn) -> str:
    return f"e.{column.name} IS NOT DISTINCT FROM {column.sent}"
