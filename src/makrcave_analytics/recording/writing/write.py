"""Facts in: each exactly once, with what is counted from it, in one transaction.

First the makerspace's row is taken (lock.py); then one statement inserts the facts and adds what it inserted to
members, hours, presence and freshness; a third compares what was not inserted, only where there is such. Where a
fact closes an open one, one more does that, and adds what it changed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId, no_such_makerspace
from makrcave_analytics.db import Database, driver
from makrcave_analytics.errors import AnalyticsError, Conflict, IdempotencyConflict
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import Bounds, too_old
from makrcave_analytics.recording.facts.kind import Fact, Kind, Raw, unchanged
from makrcave_analytics.recording.locking import Locked, NothingNew, in_transaction, lock, until_known
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus, Verdict, results_of
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing import statements

Judged: TypeAlias = Fact | AnalyticsError
"""An input as the checks left it; a batch of them has one for each input, in its order."""


async def record(
    database: Database,
    kind: Kind[Raw],
    makerspace: MakerspaceId,
    inputs: Sequence[Raw],
    *,
    recorder: Recorder,
    now: datetime,
    oldest: datetime | None = None,
) -> RecordOutcome:
    """Record a batch of one kind; once this returns it is committed and in every number.

    Each input is judged on its own. Of inputs with one id the first counts. Where nothing is new, the version stays.

    Raises: LimitExceeded, NotFound, Unavailable: then nothing was recorded; Uncertain: or perhaps all of it.
    """
    batch = Batch.of(kind, makerspace, inputs, recorder=recorder, now=now, oldest=oldest)
    return batch.outcome(await batch.commit(database))


@dataclass(frozen=True)
class Written:
    """What became of a batch."""

    verdicts: Sequence[Verdict]
    """One an input, in their order."""
    data_version: int

    @property
    def is_change(self) -> bool:
        """Whether anything is other than before."""
        return any(one in _CHANGES for one in self.verdicts)


_CHANGES = (RecordStatus.RECORDED, RecordStatus.UPDATED)


@dataclass(frozen=True)
class Batch:
    """One batch on its way in. Its facts have their ids, so that it can be written again where that is needed."""

    kind: Kind[Any]
    makerspace: MakerspaceId
    recorder: Recorder
    now: datetime
    judged: Sequence[Judged]

    @classmethod
    def of(
        cls,
        kind: Kind[Raw],
        makerspace: MakerspaceId,
        inputs: Sequence[Raw],
        *,
        recorder: Recorder,
        now: datetime,
        oldest: datetime | None = None,
    ) -> Self:
        """Judge inputs.

        Raises: LimitExceeded.
        """
        recorder.check_size(inputs)
        bounds = Bounds(makerspace.value, now, oldest, recorder.user_id, recorder.user_id or recorder.default_user_id)
        return cls(kind, makerspace, recorder, now, _judge(kind, inputs, bounds, recorder.randomness))

    @property
    def facts(self) -> list[Fact]:
        """Those inputs that are good."""
        return [one for one in self.judged if not isinstance(one, AnalyticsError)]

    def outcome(self, written: Written) -> RecordOutcome:
        """Tell the sender."""
        results = results_of(
            (None if isinstance(one, AnalyticsError) else str(one[0]), verdict)
            for one, verdict in zip(self.judged, written.verdicts, strict=True)
        )
        return RecordOutcome.of(results, written.data_version)

    async def commit(self, database: Database) -> Written:
        """Write it in a transaction of its own. A COMMIT that was not answered is looked for, and repeated.

        Raises: NotFound, Unavailable.
        """
        if not self.facts:
            return Written(_verdicts(self.judged, {}), await current_version(database, self.makerspace))
        tried: Written | None = None

        async def write(connection: Any) -> Written:
            nonlocal tried
            tried = await self._write(connection, tried)
            return tried

        return await until_known(lambda: in_transaction(database, self.makerspace, write, size=len(self.judged)))

    async def _write(self, connection: Any, tried: Written | None) -> Written:
        """Write what is new within a transaction; `tried` is what it came to before, without an answer to COMMIT.

        Raises: NothingNew, with what became of it.
        """
        locked = await lock(connection, self.makerspace, self._touched())
        judged = await self._settled(connection, self.judged, locked)
        facts = {i: one for i, one in enumerate(judged) if not isinstance(one, AnalyticsError)}
        old = self._old(facts, locked.events_kept_since)
        first = self._first_of_each({i: fact for i, fact in facts.items() if i not in old})
        taken = await self._apply(connection, statements.insert(self.kind), locked, first)
        told: dict[int, Verdict] = dict.fromkeys(first.keys() - taken, RecordStatus.RECORDED)
        rest = {i: fact for i, fact in facts.items() if i not in told}
        told |= dict.fromkeys(old, too_old(self.kind.at_field))  # unless they turn out to be there
        told |= await self._compare(connection, locked, rest)
        written = Written(_verdicts(judged, told), locked.data_version)
        if not written.is_change:
            there = Written(written.verdicts, locked.data_version - 1)
            raise NothingNew(tried if tried and await self._is_ours(connection, tried) else there)
        return written

    async def _is_ours(self, connection: Any, tried: Written) -> bool:
        """Tell whether what is there came in by an earlier try of ours, and not by somebody else's since.

        All of a try is there or nothing, so one fact tells. Where it only closed what was open, nothing tells.
        """
        ours = next((i for i, one in enumerate(tried.verdicts) if one is RecordStatus.RECORDED), None)
        if ours is None:
            return True
        key = self.kind.key(self.judged[ours])
        at = await connection.fetchval(statements.recorded_at(self.kind), self.makerspace.value, *key)
        return bool(at == self.now)

    async def _settled(self, connection: Any, judged: Sequence[Judged], locked: Locked) -> Sequence[Judged]:
        """Finish facts by what the makerspace is now, and refuse those of people who were erased."""
        people = self._people(one for one in judged if not isinstance(one, AnalyticsError))
        erased = await erased_of(connection, self.makerspace, people, self.recorder.tombstone)
        if not erased and self.kind.settle is unchanged:
            return judged

        def settle(one: Judged) -> Judged:
            if isinstance(one, AnalyticsError):
                return one
            if self.kind.person_of(one) in erased:
                return was_erased(self.kind.person_field)
            try:
                return self.kind.settle(one, locked)
            except AnalyticsError as error:
                return error

        return [settle(one) for one in judged]

    def _old(self, facts: dict[int, Fact], since: datetime | None) -> set[int]:
        at = self.kind.at
        return set() if since is None or at is None else {i for i, fact in facts.items() if at(fact) < since}

    def _first_of_each(self, facts: dict[int, Fact]) -> dict[int, Fact]:
        """Keep of facts with one id the first, by their positions."""
        positions: dict[tuple[Any, ...], int] = {}
        for i, fact in facts.items():
            positions.setdefault(self.kind.key(fact), i)
        return {i: facts[i] for i in positions.values()}

    def _people(self, facts: Iterable[Fact]) -> set[str]:
        return {person for fact in facts if (person := self.kind.person_of(fact)) is not None}

    def _touched(self) -> set[Section]:
        return {section for fact in self.facts for section in self.kind.touches(fact)}

    async def _apply(self, connection: Any, statement: str, locked: Locked, facts: dict[int, Fact]) -> set[int]:
        """Insert or close facts, each id once, with their roll-ups; tell the positions that the statement gives."""
        if not facts:
            return set()
        columns = _columns(facts)[: len(self.kind.columns)]
        people = sorted(self._people(facts.values()))
        pseudonyms = [self.recorder.pseudonym(self.makerspace.value, person) for person in people]
        rows = await connection.fetch(
            statement, self.makerspace.value, locked.time_zone, self.now, people, pseudonyms, *columns
        )
        positions = list(facts)
        return {positions[row["position"] - 1] for row in rows}

    async def _compare(
        self, connection: Any, locked: Locked, facts: dict[int, Fact], *, may_close: bool = True
    ) -> dict[int, Verdict]:
        """Judge facts whose ids are there, by their positions; close what they close."""
        if not facts:
            return {}
        columns = _columns(facts)
        rows = await connection.fetch(statements.compare(self.kind), self.makerspace.value, *columns)
        positions = list(facts)
        found = {positions[row["position"] - 1]: row for row in rows}
        told: dict[int, Verdict] = {
            i: RecordStatus.DUPLICATE if row["is_same"] else _taken() for i, row in found.items()
        }
        closing = {i: facts[i] for i in sorted(found) if found[i]["may_close"]} if may_close else {}
        if closing:
            first = self._first_of_each(closing)
            await self._apply(connection, statements.close(self.kind), locked, first)
            again = {i: fact for i, fact in closing.items() if i not in first}
            told |= await self._compare(connection, locked, again, may_close=False)
            told |= dict.fromkeys(first, RecordStatus.UPDATED)
        return told


async def erased_of(
    connection: Any, makerspace: MakerspaceId, people: Iterable[str], tombstone: Callable[[UUID, str], bytes]
) -> set[str]:
    """Tell which of these people were erased. Asked under the lock, so that no erasure comes in between."""
    digests = {tombstone(makerspace.value, person): person for person in people}
    if not digests:
        return set()
    rows = await connection.fetch(
        "SELECT digest FROM tombstones WHERE makerspace_id = $1 AND digest = ANY ($2::bytea[])",
        makerspace.value,
        list(digests),
    )
    return {digests[row["digest"]] for row in rows}


def was_erased(field: str) -> Conflict:
    """Make the error of what names somebody who was erased."""
    return Conflict("This person was erased, and is not recorded again.", path=(field,))


async def current_version(database: Database, makerspace: MakerspaceId) -> int:
    """Read the version where it is written: a replica may not have what the sender recorded before.

    Raises: NotFound, Unavailable.
    """
    async with database.write(makerspace) as transaction:
        connection = await driver(transaction)
        version = await connection.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace.value)
        if version is None:
            raise no_such_makerspace()
        return int(version)


def _judge(kind: Kind[Raw], inputs: Sequence[Raw], bounds: Bounds, randomness: Callable[[int], bytes]) -> list[Judged]:
    def fresh() -> UUID:
        return fresh_id(bounds.now, randomness(RANDOM_BYTES))

    judged: list[Judged] = []
    for raw in inputs:
        try:
            judged.append(kind.check(raw, bounds, fresh))
        except AnalyticsError as error:
            judged.append(error)
    return judged


def _columns(facts: dict[int, Fact]) -> list[Sequence[Any] | None]:
    """Turn facts into arrays. One that holds nothing is left out: unnest fills it up with nulls."""
    return [
        None if not any(each is not None for each in column) else column for column in zip(*facts.values(), strict=True)
    ]


def _verdicts(judged: Sequence[Judged], told: dict[int, Verdict]) -> list[Verdict]:
    return [one if isinstance(one, AnalyticsError) else told[i] for i, one in enumerate(judged)]


def _taken() -> IdempotencyConflict:
    return IdempotencyConflict("A fact with this id and other content is there, and stays.", path=("id",))
