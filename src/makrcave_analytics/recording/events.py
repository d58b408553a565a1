"""Events in: each exactly once, with its roll-ups, in one transaction.

First the makerspace's row is taken (lock.py), then one statement inserts the events and adds what it inserted to
members, hours, presence and freshness; a third compares what was not inserted, only where there is such.
Tombstones of erased people are not looked at here; the place for it is where `_INSERT` reads its input.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId, no_such_makerspace
from makrcave_analytics.db import Database, driver
from makrcave_analytics.errors import AnalyticsError, IdempotencyConflict, LimitExceeded
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording import rollups
from makrcave_analytics.recording.check import Bounds, CheckedEvent, check_event, refusal, too_old
from makrcave_analytics.recording.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.recording.inputs import UsageEventInput
from makrcave_analytics.recording.lock import NothingNew, lock, patiently
from makrcave_analytics.recording.outcome import RecordOutcome, RecordResult, RecordStatus

Judged = CheckedEvent | AnalyticsError
"""An input as the checks left it; a batch of them has one for each input, in its order."""


@dataclass(frozen=True)
class Recorder:
    """On whose behalf facts come in, and what of the process they need."""

    user_id: str | None
    """A member who records for themselves: whom facts are about that name nobody, and the only one they may name.
    None: services and admins, who may name anybody."""
    pseudonym: Callable[[UUID, str], str]
    """Gives what stands for a person of a makerspace where names must not be shown."""
    batch_limit: int
    """Inputs of one batch."""
    default_user_id: str | None = None
    """Whom facts are about that name nobody, where user_id is None."""
    randomness: Callable[[int], bytes] = os.urandom


async def record_events(
    database: Database,
    makerspace: MakerspaceId,
    inputs: Sequence[UsageEventInput],
    *,
    recorder: Recorder,
    now: datetime,
    oldest: datetime | None = None,
) -> RecordOutcome:
    """Record a batch; once this returns it is committed and in every number.

    Each input is judged on its own. Of inputs with one id the first counts. Where nothing is new, the version stays.

    Raises: LimitExceeded, NotFound, Unavailable: then nothing was recorded, or in the last case perhaps all of it.
    """
    if len(inputs) > recorder.batch_limit:
        raise LimitExceeded(f"At most {recorder.batch_limit} facts in one request.", path=("input",))
    bounds = Bounds(makerspace.value, now, oldest, recorder.user_id, recorder.user_id or recorder.default_user_id)
    judged = _judge(inputs, bounds, recorder.randomness)
    if not any(isinstance(one, CheckedEvent) for one in judged):
        return RecordOutcome.of(_results(judged, set(), {}), await _version(database, makerspace))
    return await patiently(lambda: _write(database, makerspace, judged, recorder.pseudonym, now))


async def _write(
    database: Database,
    makerspace: MakerspaceId,
    judged: Sequence[Judged],
    pseudonym: Callable[[UUID, str], str],
    now: datetime,
) -> RecordOutcome:
    try:
        async with database.write(makerspace) as transaction:
            outcome = await _write_within(await driver(transaction), makerspace, judged, pseudonym, now)
    except NothingNew as nothing:
        outcome = nothing.answer
    return outcome


async def _write_within(
    connection: Any,
    makerspace: MakerspaceId,
    judged: Sequence[Judged],
    pseudonym: Callable[[UUID, str], str],
    now: datetime,
) -> RecordOutcome:
    locked = await lock(connection, makerspace, _sections(judged))
    judged = _kept(judged, locked.events_kept_since)
    first = _first_of_each(judged)
    taken = await _insert(connection, makerspace, locked.time_zone, first, pseudonym, now)
    recorded = first.keys() - taken
    others = {i: event for i, event in _events(judged) if i not in recorded}
    results = _results(judged, recorded, await _compare(connection, makerspace, others))
    if not recorded:
        raise NothingNew(RecordOutcome.of(results, locked.data_version - 1))
    return RecordOutcome.of(results, locked.data_version)


def _judge(inputs: Sequence[UsageEventInput], bounds: Bounds, randomness: Callable[[int], bytes]) -> list[Judged]:
    def fresh() -> UUID:
        return fresh_id(bounds.now, randomness(RANDOM_BYTES))

    judged: list[Judged] = []
    for raw in inputs:
        try:
            judged.append(check_event(raw, bounds, fresh))
        except AnalyticsError as error:
            judged.append(error)
    return judged


def _events(judged: Iterable[Judged]) -> Iterable[tuple[int, CheckedEvent]]:
    return ((i, one) for i, one in enumerate(judged) if isinstance(one, CheckedEvent))


def _kept(judged: Sequence[Judged], since: datetime | None) -> Sequence[Judged]:
    if since is None:
        return judged
    return [too_old() if isinstance(one, CheckedEvent) and one.timestamp < since else one for one in judged]


def _first_of_each(judged: Sequence[Judged]) -> dict[int, CheckedEvent]:
    """Keep of events with one id the first, by their positions."""
    positions: dict[UUID, int] = {}
    for i, event in _events(judged):
        positions.setdefault(event.id, i)
    return {i: e for i, e in _events(judged) if positions[e.id] == i}


def _sections(judged: Iterable[Judged]) -> set[Section]:
    """Every event is in numbers of USAGE; one that names a machine or a project in numbers of theirs too."""
    sections = {Section.USAGE}
    for _, event in _events(judged):
        if event.equipment_id is not None:
            sections.add(Section.EQUIPMENT)
        if event.project_id is not None:
            sections.add(Section.PROJECTS)
    return sections


def _results(judged: Sequence[Judged], recorded: AbstractSet[int], same: dict[int, bool]) -> list[RecordResult]:
    results = []
    for i, one in enumerate(judged):
        if isinstance(one, AnalyticsError):
            results.append(RecordResult(i, None, RecordStatus.REJECTED, refusal(i, one)))
        elif i in recorded:
            results.append(RecordResult(i, str(one.id), RecordStatus.RECORDED))
        elif same[i]:
            results.append(RecordResult(i, str(one.id), RecordStatus.DUPLICATE))
        else:
            taken = IdempotencyConflict("An event with this id and other content is there, and stays.", path=("id",))
            results.append(RecordResult(i, str(one.id), RecordStatus.REJECTED, refusal(i, taken)))
    return results


async def _version(database: Database, makerspace: MakerspaceId) -> int:
    """Read the version where it is written: a replica may not have what the sender recorded before."""
    async with database.write(makerspace) as transaction:
        connection = await driver(transaction)
        version = await connection.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace.value)
        if version is None:
            raise no_such_makerspace()
        return int(version)


# A known member keeps the number; those whom nobody knew get the next ones, in the order of their ids.
_NUMBER = """coalesce(k.number, (SELECT coalesce(max(number) + 1, 0) FROM members WHERE makerspace_id = $1)
                   + dense_rank() OVER (PARTITION BY k.number IS NULL ORDER BY p.user_id)::int - 1)"""

_INSERT = f"""
    WITH facts AS (
        INSERT INTO usage_events (makerspace_id, id, user_id, event_type, event_category, equipment_id, item_id,
                                  project_id, metadata, timestamp, recorded_at)
        SELECT m.id, u.id, u.user_id, u.event_type, u.event_category, u.equipment_id, u.item_id,
               u.project_id, u.metadata::jsonb, u.timestamp, $14
        FROM makerspaces m, unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                                   $10::text[], $11::timestamptz[])
            AS u(id, user_id, event_type, event_category, equipment_id, item_id, project_id, metadata, timestamp)
        WHERE m.id = $1
        ON CONFLICT DO NOTHING
        RETURNING makerspace_id, id, user_id, event_type, event_category, timestamp
    ), marks AS (
        {rollups.marks_of(f"({rollups.days_of_events('facts')}) d", _NUMBER)}
    ), seen AS (
        INSERT INTO members (makerspace_id, user_id, number, pseudonym, first_seen_on)
        SELECT m.id, p.user_id, p.number,
               coalesce(p.pseudonym, ($13::text[])[array_position($12::text[], p.user_id::text)]), min(p.local_day)
        FROM makerspaces m, marks p
        WHERE m.id = $1
        GROUP BY m.id, p.user_id, p.number, p.first_seen_on, p.pseudonym
        HAVING coalesce(min(p.local_day) < p.first_seen_on, true)
        ON CONFLICT (makerspace_id, user_id) DO UPDATE SET first_seen_on = excluded.first_seen_on
    ), hours AS (
        INSERT INTO event_hours (makerspace_id, hour_start, event_type, event_category,
                                 local_day, hour_of_day, events)
        SELECT m.id, h.hour_start, h.event_type, h.event_category, h.local_day, h.hour_of_day, h.events
        FROM makerspaces m, ({rollups.hours_of("facts")}) h
        WHERE m.id = $1
        ON CONFLICT (makerspace_id, hour_start, event_type, event_category)
            DO UPDATE SET events = event_hours.events + excluded.events
    ), presence AS (
        INSERT INTO member_presence (makerspace_id, local_day, kind, chunk, bits)
        SELECT m.id, p.local_day, p.kind, p.chunk, p.bits
        FROM makerspaces m, ({rollups.presence_of("marks")}) p
        WHERE m.id = $1
        ON CONFLICT (makerspace_id, local_day, kind, chunk)
            DO UPDATE SET bits = member_presence.bits | excluded.bits
            WHERE member_presence.bits <> member_presence.bits | excluded.bits
    ), fresh AS (
        INSERT INTO freshness (makerspace_id, kind, last_recorded_at, last_fact_at)
        SELECT m.id, 'EVENT', $14, max(f.timestamp) FROM makerspaces m, facts f WHERE m.id = $1 GROUP BY m.id
        ON CONFLICT (makerspace_id, kind)
            DO UPDATE SET last_recorded_at = greatest(freshness.last_recorded_at, excluded.last_recorded_at),
                          last_fact_at = greatest(freshness.last_fact_at, excluded.last_fact_at)
    )
    SELECT u.position FROM unnest($3::uuid[]) WITH ORDINALITY AS u(id, position)
    WHERE u.id NOT IN (SELECT id FROM facts)
"""  # noqa: S608 - made of constants


async def _insert(
    connection: Any,
    makerspace: MakerspaceId,
    zone: str,
    events: dict[int, CheckedEvent],
    pseudonym: Callable[[UUID, str], str],
    now: datetime,
) -> set[int]:
    """Insert events, each id once, with their roll-ups; tell the positions of those whose ids were taken."""
    if not events:
        return set()
    *columns, _ = zip(*events.values(), strict=True)
    people = sorted({e.user_id for e in events.values() if e.user_id is not None})
    pseudonyms = [pseudonym(makerspace.value, person) for person in people]
    rows = await connection.fetch(_INSERT, makerspace.value, zone, *columns, people, pseudonyms, now)
    positions = list(events)
    return {positions[row["position"] - 1] for row in rows}


_COMPARE = """
    SELECT u.position,
           (e.user_id, e.event_type, e.event_category, e.equipment_id, e.item_id, e.project_id, e.metadata)
               IS NOT DISTINCT FROM
           (u.user_id, u.event_type, u.event_category, u.equipment_id, u.item_id, u.project_id, u.metadata::jsonb)
           AND (e.timestamp = u.timestamp OR NOT u.is_timed) AS is_same
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::timestamptz[], $11::bool[]) WITH ORDINALITY
        AS u(id, user_id, event_type, event_category, equipment_id, item_id, project_id, metadata, timestamp,
             is_timed, position)
    JOIN (
        -- Apart, and by all ids at once: the statistics do not know a new makerspace, and a plan that looks up one
        -- id after the other may take an index that has to be read whole each time.
        SELECT * FROM usage_events WHERE makerspace_id = $1 AND id = ANY ($2::uuid[]) OFFSET 0
    ) e ON e.id = u.id
"""


async def _compare(connection: Any, makerspace: MakerspaceId, events: dict[int, CheckedEvent]) -> dict[int, bool]:
    """Tell by position whether events are the same, as sent, as those stored under their ids."""
    if not events:
        return {}
    rows = await connection.fetch(_COMPARE, makerspace.value, *zip(*events.values(), strict=True))
    positions = list(events)
    return {positions[row["position"] - 1]: row["is_same"] for row in rows}
