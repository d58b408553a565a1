"""Voids wrong facts: they leave every number. Their rows stay, marked; the same facts sent again stay voided."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, NotFound
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.audit import Note, write_note
from makrcave_analytics.recording.checks.fields import Bounds, long_text
from makrcave_analytics.recording.fact_inputs import VoidInput
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.registry import KINDS
from makrcave_analytics.recording.locking import Locked, NothingNew, current_version, in_transaction, lock
from makrcave_analytics.recording.outcome import RecordOutcome, RecordResult, RecordStatus, Verdict, results_of
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.rollups.recount import PersonDay, recount_rollups
from makrcave_analytics.recording.writing import statements

MAX_REASON = 500


class _Void(NamedTuple):
    """A checked input."""

    kind: FactKind
    key: tuple[Any, ...]
    reason: str


_Judged = _Void | AnalyticsError


async def void_facts(
    database: Database,
    makerspace: MakerspaceId,
    inputs: Sequence[VoidInput],
    *,
    recorder: Recorder,
    now: datetime,
    user_id: str | None = None,
) -> RecordOutcome:
    """Void facts; once this returns, no number has them. `user_id` is the person who does it, for the audit log.

    A fact that was voided before is a DUPLICATE. Where nothing is new, the version stays.

    Raises: LimitExceeded, NotFound for the makerspace, Unavailable.
    """
    recorder.check_size(inputs)
    judged = [_judged(raw, Bounds(makerspace.value, now)) for raw in inputs]
    if all(isinstance(one, AnalyticsError) for one in judged):
        return RecordOutcome.of(_results(judged, {}), await current_version(database, makerspace))
    voiding = _Voiding(makerspace, recorder, now, user_id)

    return await in_transaction(
        database, makerspace, lambda connection: voiding.write(connection, judged), size=len(inputs)
    )


@dataclass(frozen=True)
class _Voiding:
    """Voids facts of all kinds within one transaction."""

    makerspace: MakerspaceId
    recorder: Recorder
    now: datetime
    user_id: str | None

    async def write(self, connection: Any, judged: Sequence[_Judged]) -> RecordOutcome:
        by_kind: dict[FactKind, dict[int, _Void]] = defaultdict(dict)
        for i, one in enumerate(judged):
            if isinstance(one, _Void):
                by_kind[one.kind][i] = one
        sections: set[Section] = set().union(*(KINDS[kind].sections for kind in by_kind))
        locked = await lock(connection, self.makerspace, sections)
        verdicts: dict[int, Verdict] = {}
        days: list[PersonDay] = []
        counts: Counter[str] = Counter()
        for kind, voids in by_kind.items():
            verdicts |= await self._verdicts(connection, KINDS[kind], voids)
            voided = {i: one for i, one in voids.items() if verdicts[i] is RecordStatus.VOIDED}
            days += await self._void(connection, locked, KINDS[kind], voided)
            counts += Counter({kind.value: len(voided)})
        outcome = RecordOutcome.of(_results(judged, verdicts), locked.data_version)
        if not outcome.is_change:
            raise NothingNew(RecordOutcome.of(outcome.results, locked.data_version - 1))
        await recount_rollups(connection, self.makerspace, locked.time_zone, days)
        note = Note(self.user_id, "voidFacts", None, counts)
        await write_note(connection, self.makerspace, note, self.now, self.recorder.randomness)
        return outcome

    async def _verdicts(self, connection: Any, kind: Kind[Any], voids: dict[int, _Void]) -> dict[int, Verdict]:
        """Return the verdict of each input, by position. Of inputs with one key the first is VOIDED."""
        columns = zip(*(one.key for one in voids.values()), strict=True)
        rows = await connection.fetch(statements.state(kind), self.makerspace.value, *columns)
        positions = list(voids)
        is_voided = {positions[row["position"] - 1]: row["is_voided"] for row in rows}
        verdicts: dict[int, Verdict] = {}
        seen: set[tuple[Any, ...]] = set()
        for i, one in voids.items():
            if i not in is_voided:
                verdicts[i] = NotFound("There is no such fact.", path=("id",))
            else:
                verdicts[i] = RecordStatus.DUPLICATE if is_voided[i] or one.key in seen else RecordStatus.VOIDED
                seen.add(one.key)
        return verdicts

    async def _void(self, connection: Any, locked: Locked, kind: Kind[Any], voids: dict[int, _Void]) -> list[PersonDay]:
        """Mark facts as voided; return the people and local days whose roll-ups they were in."""
        if not voids:
            return []
        columns = zip(*(one.key for one in voids.values()), strict=True)
        reasons = [one.reason for one in voids.values()]
        rows = await connection.fetch(
            statements.void(kind), self.makerspace.value, locked.time_zone, self.now, reasons, *columns
        )
        return [(row["user_id"], row["local_day"]) for row in rows]


def _judged(raw: VoidInput, bounds: Bounds) -> _Judged:
    try:
        return _Void(raw.kind, KINDS[raw.kind].key_of_void(raw, bounds), long_text(raw.reason, "reason", MAX_REASON))
    except AnalyticsError as error:
        return error


def _results(judged: Sequence[_Judged], verdicts: dict[int, Verdict]) -> list[RecordResult]:
    return results_of(
        (str(one.key[0]), verdicts[i]) if isinstance(one, _Void) else (None, one) for i, one in enumerate(judged)
    )
