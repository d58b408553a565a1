"""Inserts or updates entities by id, field by field.

Under the lock the stored entities are read, changed input by input, and written by one statement. Roll-ups do not
change.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Invalid
from makrcave_analytics.models.currency import minor_units
from makrcave_analytics.recording.checks.fields import money, short_text
from makrcave_analytics.recording.entities.definitions import EntityKind, Row
from makrcave_analytics.recording.locking import Locked, NothingNew, current_version, in_transaction, lock
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus, Verdict, results_of
from makrcave_analytics.recording.parsing import ABSENT
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.erased import erased_of, was_erased


@dataclass(frozen=True)
class _Change:
    """A checked input: the id of the entity, and the values that it gives, by column."""

    id: str
    given: Row


_Judged = _Change | AnalyticsError


async def sync(
    database: Database, kind: EntityKind, makerspace: MakerspaceId, inputs: Sequence[Any], *, recorder: Recorder
) -> RecordOutcome:
    """Insert or update entities; once this returns they are committed.

    An input that is older than the stored entity, by updated_at, or that changes nothing is a DUPLICATE. Where nothing
    changes, the version stays.

    Raises: LimitExceeded, NotFound for the makerspace, Unavailable.
    """
    recorder.check_size(inputs)
    judged = [_judged(kind, raw) for raw in inputs]
    if all(isinstance(one, AnalyticsError) for one in judged):
        return RecordOutcome.of(_results(judged, {}), await current_version(database, makerspace))

    async def write(connection: Any) -> RecordOutcome:
        locked = await lock(connection, makerspace, kind.sections)
        changes = {i: one for i, one in enumerate(judged) if isinstance(one, _Change)}
        erased = await _erased(connection, kind, makerspace, changes.values(), recorder.tombstone)
        entries = await _read(connection, kind, makerspace, {change.id for change in changes.values()})
        verdicts = {i: entries.take(change, locked, erased) for i, change in changes.items()}
        outcome = RecordOutcome.of(_results(judged, verdicts), locked.data_version)
        if not outcome.is_change:
            raise NothingNew(RecordOutcome.of(outcome.results, locked.data_version - 1))
        await _write(connection, kind, makerspace, entries, recorder.pseudonym)
        return outcome

    return await in_transaction(database, makerspace, write, size=len(inputs))


@dataclass
class _Entries:
    """The stored entities, changed input by input."""

    kind: EntityKind
    now: dict[str, Row]
    synced: set[str]
    """The ids of those that were synced, and not only named by facts."""
    changed: set[str] = field(default_factory=set)

    def take(self, change: _Change, locked: Locked, erased: set[str]) -> Verdict:
        """Apply one input, and return its verdict."""
        is_new = change.id not in self.synced
        before = self.now.get(change.id, self.kind.empty)
        if not is_new and _is_older(change.given.get("updated_at"), before["updated_at"]):
            return RecordStatus.DUPLICATE
        after = before | change.given
        try:
            self._check(change.id, after, change.given, locked, erased)
        except AnalyticsError as error:
            return error
        if not is_new and after == before:
            return RecordStatus.DUPLICATE
        self.now[change.id] = after
        self.synced.add(change.id)
        self.changed.add(change.id)
        return RecordStatus.RECORDED if is_new else RecordStatus.UPDATED

    def _check(self, entry_id: str, after: Row, given: Row, locked: Locked, erased: set[str]) -> None:
        kind = self.kind
        if kind.person is not None and {kind.id_column: entry_id, **given}.get(kind.person) in erased:
            raise was_erased(kind.api_name(kind.person))
        for first, second in kind.in_order:
            if after[first] is not None and after[second] is not None and after[second] < after[first]:
                raise Invalid(f"Lies before {kind.api_name(first)}.", path=(kind.api_name(second),))
        for column in kind.in_currency:
            if given.get(column) is not None:
                money(given[column], kind.api_name(column), minor_units(locked.currency))


def _is_older(sent: Any, stored: Any) -> bool:
    return sent is not None and stored is not None and sent < stored


def _judged(kind: EntityKind, raw: Any) -> _Judged:
    try:
        entry_id = short_text(getattr(raw, kind.id_name), kind.api_name(kind.id_column), most=100)
        given = {}
        for one in kind.fields:
            value = getattr(raw, one.name)
            if value is not ABSENT:
                given[one.stored] = one.judge(value)
    except AnalyticsError as error:
        return error
    return _Change(entry_id, given)


def _results(judged: Sequence[_Judged], verdicts: dict[int, Verdict]) -> list[Any]:
    return results_of(
        (one.id, verdicts[i]) if isinstance(one, _Change) else (None, one) for i, one in enumerate(judged)
    )


async def _erased(
    connection: Any,
    kind: EntityKind,
    makerspace: MakerspaceId,
    changes: Iterable[_Change],
    tombstone: Callable[[UUID, str], bytes],
) -> set[str]:
    if kind.person is None:
        return set()
    named = ({kind.id_column: change.id, **change.given}.get(kind.person) for change in changes)
    return await erased_of(connection, makerspace, {person for person in named if person is not None}, tombstone)


async def _read(connection: Any, kind: EntityKind, makerspace: MakerspaceId, ids: set[str]) -> _Entries:
    rows = await connection.fetch(_select(kind), makerspace.value, list(ids))
    now = {row[kind.id_column]: {one.stored: row[one.stored] for one in kind.fields} for row in rows}
    synced = {row[kind.id_column] for row in rows if row["is_synced"]}
    return _Entries(kind, now, synced)


async def _write(
    connection: Any,
    kind: EntityKind,
    makerspace: MakerspaceId,
    entries: _Entries,
    pseudonym: Callable[[UUID, str], str],
) -> None:
    ids = sorted(entries.changed)
    columns = [[one.written(entries.now[i][one.stored]) for i in ids] for one in kind.fields]
    if kind.has_numbers:
        columns.append([pseudonym(makerspace.value, i) for i in ids])
    await connection.execute(_upsert(kind), makerspace.value, ids, *columns)


@cache
def _select(kind: EntityKind) -> str:
    columns = ", ".join((kind.id_column, *(one.stored for one in kind.fields)))
    is_synced = "is_synced" if kind.has_numbers else "true AS is_synced"
    return f"""
        SELECT {columns}, {is_synced} FROM {kind.table}
        WHERE makerspace_id = $1 AND {kind.id_column} = ANY ($2::text[])
    """  # noqa: S608 - made of constants


# A known member keeps the number; new members get the next numbers, in the order of their ids.
_NUMBER = """coalesce(k.number, (SELECT coalesce(max(number) + 1, 0) FROM members WHERE makerspace_id = $1)
                   + row_number() OVER (PARTITION BY k.number IS NULL ORDER BY u.user_id)::int - 1)"""


@cache
def _upsert(kind: EntityKind) -> str:
    """Write the statement that inserts or updates entities, each id once."""
    fields = {one.stored: "text" if one.type == "jsonb" else one.type for one in kind.fields}
    parameters = [kind.id_column, *fields]
    types = ["text", *fields.values()]
    values = ["u." + kind.id_column, *(f"u.{one.stored}::{one.type}" for one in kind.fields)]
    targets, known = list(parameters), ""
    if kind.has_numbers:
        parameters.append("pseudonym")
        types.append("text")
        targets += ["pseudonym", "number", "is_synced"]
        values += [
            "u.pseudonym",
            _NUMBER,
            "true",
        ]
        known = "LEFT JOIN members k ON k.makerspace_id = $1 AND k.user_id = u.user_id"
    arrays = ", ".join(f"${n}::{type_}[]" for n, type_ in enumerate(types, 2))
    updated = [*fields, *(["is_synced"] if kind.has_numbers else [])]
    return f"""
        INSERT INTO {kind.table} (makerspace_id, {", ".join(targets)})
        SELECT m.id, {", ".join(values)}
        FROM makerspaces m CROSS JOIN unnest({arrays}) AS u({", ".join(parameters)}) {known}
        WHERE m.id = $1
        ON CONFLICT (makerspace_id, {kind.id_column})
            DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in updated)}
    """  # noqa: S608
