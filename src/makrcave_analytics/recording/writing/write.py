"""Writes a batch of facts: each fact exactly once, with its roll-ups, in one transaction.

1. Lock the makerspace's row (locking.py).
2. Insert the facts and add the inserted ones to members, hours, presence and freshness: one statement.
3. Compare the facts that were not inserted with those that are there, if there are any.
4. Close open facts, and add what that changes to the roll-ups, if a fact closes one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, IdempotencyConflict
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import too_old
from makrcave_analytics.recording.facts.kind import Fact, Kind, Raw, unchanged
from makrcave_analytics.recording.locking import (
    Locked,
    NothingNew,
    current_version,
    in_transaction,
    lock,
    until_known,
)
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus, Verdict
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing import statements
from makrcave_analytics.recording.writing.batch import Batch, Judged, Written, verdicts_of
from makrcave_analytics.recording.writing.erased import erased_of, was_erased


async def record(
    database: Database,
    kind: Kind[Raw],
    makerspace: MakerspaceId,
    inputs: Sequence[Raw],
    *,
    recorder: Recorder,
    now: datetime,
) -> RecordOutcome:
    """Record a batch of one kind; once this returns it is committed and in every number.

    Each input is judged on its own. Of inputs with one id the first counts. Where nothing is new, the version stays.

    Raises: LimitExceeded, NotFound, Unavailable: nothing was recorded; Uncertain: all of it or nothing was.
    """
    batch = Batch.of(kind, makerspace, inputs, recorder=recorder, now=now)
    return batch.outcome(await commit(database, batch))


async def commit(database: Database, batch: Batch) -> Written:
    """Write a batch in a transaction of its own. A COMMIT without an answer is looked for, and repeated.

    Raises: NotFound, Unavailable, Uncertain.
    """
    if not batch.facts:
        return Written(verdicts_of(batch.judged, {}), await current_version(database, batch.makerspace))
    tried: Written | None = None

    async def write(connection: Any) -> Written:
        nonlocal tried
        tried = await _Writer(connection, batch).write(tried)
        return tried

    return await until_known(lambda: in_transaction(database, batch.makerspace, write, size=len(batch.judged)))


@dataclass(frozen=True)
class _Writer:
    """Writes a batch within one transaction."""

    connection: Any
    batch: Batch

    async def write(self, tried: Written | None) -> Written:
        """Write what is new; `tried` is the result of an earlier try whose COMMIT was not answered.

        Raises: NothingNew, with the result; NotFound.
        """
        locked = await lock(self.connection, self.batch.makerspace, self._touched())
        judged = await self._settled(locked)
        facts = {i: one for i, one in enumerate(judged) if not isinstance(one, AnalyticsError)}
        old = self._old(facts, locked.events_kept_since)
        first = self._first_of_each({i: fact for i, fact in facts.items() if i not in old})
        not_inserted = await self._apply(statements.insert(self._kind), locked, first)
        verdicts: dict[int, Verdict] = dict.fromkeys(first.keys() - not_inserted, RecordStatus.RECORDED)
        rest = {i: fact for i, fact in facts.items() if i not in verdicts}
        verdicts |= dict.fromkeys(old, too_old(self._kind.time_field))  # unless they turn out to be there
        verdicts |= await self._compare(locked, rest)
        written = Written(verdicts_of(judged, verdicts), locked.data_version)
        if not written.is_change:
            there = Written(written.verdicts, locked.data_version - 1)
            raise NothingNew(tried if tried and await self._is_ours(tried) else there)
        return written

    @property
    def _kind(self) -> Kind[Any]:
        return self.batch.kind

    async def _is_ours(self, tried: Written) -> bool:
        """Return whether an earlier try of ours recorded what is there, and not another sender since.

        A try is committed whole or not at all, so one fact decides. Where a try only closed open facts, nothing
        decides, and it counts as ours.
        """
        ours = next((i for i, one in enumerate(tried.verdicts) if one is RecordStatus.RECORDED), None)
        if ours is None:
            return True
        key = self._kind.key(self.batch.judged[ours])
        at = await self.connection.fetchval(statements.recorded_at(self._kind), self.batch.makerspace.value, *key)
        return bool(at == self.batch.now)

    async def _settled(self, locked: Locked) -> Sequence[Judged]:
        """Complete facts with the makerspace's values, and refuse those of erased people."""
        kind, judged = self._kind, self.batch.judged
        erased = await erased_of(
            self.connection, self.batch.makerspace, self._people(self.batch.facts), self.batch.recorder.tombstone
        )
        if not erased and kind.settle is unchanged:
            return judged

        def settle(one: Judged) -> Judged:
            if isinstance(one, AnalyticsError):
                return one
            if kind.person_of(one) in erased:
                return was_erased(kind.person_field)
            try:
                return kind.settle(one, locked)
            except AnalyticsError as error:
                return error

        return [settle(one) for one in judged]

    def _old(self, facts: dict[int, Fact], since: datetime | None) -> set[int]:
        instant_of = self._kind.instant_of
        if since is None or instant_of is None:
            return set()
        return {i for i, fact in facts.items() if instant_of(fact) < since}

    def _first_of_each(self, facts: dict[int, Fact]) -> dict[int, Fact]:
        """Keep the first of the facts with one id, by position."""
        positions: dict[tuple[Any, ...], int] = {}
        for i, fact in facts.items():
            positions.setdefault(self._kind.key(fact), i)
        return {i: facts[i] for i in positions.values()}

    def _people(self, facts: Iterable[Fact]) -> set[str]:
        return {person for fact in facts if (person := self._kind.person_of(fact)) is not None}

    def _touched(self) -> set[Section]:
        return {section for fact in self.batch.facts for section in self._kind.touches(fact)}

    async def _apply(self, statement: str, locked: Locked, facts: dict[int, Fact]) -> set[int]:
        """Insert or close facts, each id once, with their roll-ups; return the positions that the statement returns."""
        if not facts:
            return set()
        makerspace_id = self.batch.makerspace.value
        columns = _columns(facts)[: len(self._kind.columns)]
        people = sorted(self._people(facts.values()))
        pseudonyms = [self.batch.recorder.pseudonym(makerspace_id, person) for person in people]
        rows = await self.connection.fetch(
            statement, makerspace_id, locked.time_zone, self.batch.now, people, pseudonyms, *columns
        )
        positions = list(facts)
        return {positions[row["position"] - 1] for row in rows}

    async def _compare(self, locked: Locked, facts: dict[int, Fact], *, may_close: bool = True) -> dict[int, Verdict]:
        """Judge facts by those that are there under their ids, and close open ones; return verdicts by position."""
        if not facts:
            return {}
        compare = statements.compare(self._kind)
        rows = await self.connection.fetch(compare, self.batch.makerspace.value, *_columns(facts))
        positions = list(facts)
        found = {positions[row["position"] - 1]: row for row in rows}
        verdicts: dict[int, Verdict] = {
            i: RecordStatus.DUPLICATE if row["is_same"] else _id_conflict() for i, row in found.items()
        }
        closing = {i: facts[i] for i in sorted(found) if found[i]["may_close"]} if may_close else {}
        if closing:
            first = self._first_of_each(closing)
            await self._apply(statements.close(self._kind), locked, first)
            again = {i: fact for i, fact in closing.items() if i not in first}
            verdicts |= await self._compare(locked, again, may_close=False)
            verdicts |= dict.fromkeys(first, RecordStatus.UPDATED)
        return verdicts


def _columns(facts: dict[int, Fact]) -> list[Sequence[Any] | None]:
    """Transpose facts into arrays. A column of nulls alone is None: unnest pads it with nulls."""
    return [
        None if not any(each is not None for each in column) else column for column in zip(*facts.values(), strict=True)
    ]


def _id_conflict() -> IdempotencyConflict:
    return IdempotencyConflict("A fact with this id and other content is there, and stays.", path=("id",))
