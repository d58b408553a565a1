"""Wrong facts taken out of every number. They stay where they are, marked; sent again, they stay out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Invalid, NotFound
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.ids import fresh_id
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.audit import Note, write_note
from makrcave_analytics.recording.checks.fields import Bounds, fact_id, long_text, short_text
from makrcave_analytics.recording.fact_inputs import VoidInput
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.facts.inventory import INVENTORY_USAGE
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.revenue import ONLY_LINE, REVENUE
from makrcave_analytics.recording.facts.sessions import SESSIONS
from makrcave_analytics.recording.locking import Locked, NothingNew, in_transaction, lock
from makrcave_analytics.recording.outcome import RecordOutcome, RecordResult, RecordStatus, Verdict, results_of
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.rollups.recount import PersonDay, recount_rollups
from makrcave_analytics.recording.writing import statements
from makrcave_analytics.recording.writing.write import current_version

MAX_REASON = 500

KINDS: dict[FactKind, Kind[Any]] = {kind.fact: kind for kind in (EVENTS, SESSIONS, INVENTORY_USAGE, REVENUE)}


class _Wrong(NamedTuple):
    """A checked void."""

    kind: FactKind
    key: tuple[Any, ...]
    reason: str


_Judged = _Wrong | AnalyticsError


async def void_facts(
    database: Database,
    makerspace: MakerspaceId,
    inputs: Sequence[VoidInput],
    *,
    recorder: Recorder,
    now: datetime,
    user_id: str | None = None,
) -> RecordOutcome:
    """Take facts out of every number; once this returns, none has them. `user_id` is who did it.

    What was taken out before is a DUPLICATE. Where nothing is new, the version stays.

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
    makerspace: MakerspaceId
    recorder: Recorder
    now: datetime
    user_id: str | None

    async def write(self, connection: Any, judged: Sequence[_Judged]) -> RecordOutcome:
        by_kind: dict[FactKind, dict[int, _Wrong]] = defaultdict(dict)
        for i, one in enumerate(judged):
            if isinstance(one, _Wrong):
                by_kind[one.kind][i] = one
        sections: set[Section] = set().union(*(KINDS[kind].sections for kind in by_kind))
        locked = await lock(connection, self.makerspace, sections)
        told: dict[int, Verdict] = {}
        days: list[PersonDay] = []
        for kind, wrong in by_kind.items():
            told |= await self._state(connection, KINDS[kind], wrong)
            voided = {i: one for i, one in wrong.items() if told[i] is RecordStatus.VOIDED}
            days += await self._void(connection, locked, KINDS[kind], voided)
        outcome = RecordOutcome.of(_results(judged, told), locked.data_version)
        if not outcome.is_change:
            raise NothingNew(RecordOutcome.of(outcome.results, locked.data_version - 1))
        await recount_rollups(connection, self.makerspace, locked.time_zone, days)
        counts = Counter(kind.value for kind, wrong in by_kind.items() for i in wrong if told[i] is RecordStatus.VOIDED)
        note = Note(self.user_id, "voidFacts", None, counts)
        await write_note(connection, self.makerspace, note, self.now, self.recorder.randomness)
        return outcome

    async def _state(self, connection: Any, kind: Kind[Any], wrong: dict[int, _Wrong]) -> dict[int, Verdict]:
        """Tell of each fact whether it is to be taken out, was before, or is not there. Of equal ones the first is."""
        columns = zip(*(one.key for one in wrong.values()), strict=True)
        rows = await connection.fetch(statements.state(kind), self.makerspace.value, *columns)
        positions = list(wrong)
        is_voided = {positions[row["position"] - 1]: row["is_voided"] for row in rows}
        told: dict[int, Verdict] = {}
        seen: set[tuple[Any, ...]] = set()
        for i, one in wrong.items():
            if i not in is_voided:
                told[i] = NotFound("There is no such fact.", path=("id",))
            else:
                told[i] = RecordStatus.DUPLICATE if is_voided[i] or one.key in seen else RecordStatus.VOIDED
                seen.add(one.key)
        return told

    async def _void(
        self, connection: Any, locked: Locked, kind: Kind[Any], wrong: dict[int, _Wrong]
    ) -> list[PersonDay]:
        if not wrong:
            return []
        columns = zip(*(one.key for one in wrong.values()), strict=True)
        reasons = [one.reason for one in wrong.values()]
        rows = await connection.fetch(
            statements.void(kind), self.makerspace.value, locked.time_zone, self.now, reasons, *columns
        )
        return [(row["user_id"], row["local_day"]) for row in rows]


def _judged(raw: VoidInput, bounds: Bounds) -> _Judged:
    try:
        return _Wrong(raw.kind, _key(raw, bounds), long_text(raw.reason, "reason", MAX_REASON))
    except AnalyticsError as error:
        return error


def _key(raw: VoidInput, bounds: Bounds) -> tuple[Any, ...]:
    if raw.kind is FactKind.REVENUE:
        line = ONLY_LINE if raw.line_id is None else raw.line_id
        return short_text(raw.id, "id", most=100), short_text(line, "lineId", most=100)
    if raw.line_id is not None:
        raise Invalid("Only revenue has lines.", path=("lineId",))
    return (fact_id(raw.id, raw.kind, bounds, lambda: fresh_id(bounds.now, bytes(10))),)


def _results(judged: Sequence[_Judged], told: dict[int, Verdict]) -> list[RecordResult]:
    return results_of(
        (str(one.key[0]), told[i]) if isinstance(one, _Wrong) else (None, one) for i, one in enumerate(judged)
    )
