"""A batch of one kind: its checked inputs, and what became of them. No I/O."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import AnalyticsError
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.facts.kind import Fact, Kind, Raw
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus, Verdict, results_of
from makrcave_analytics.recording.recorder import Recorder

Judged: TypeAlias = Fact | AnalyticsError
"""An input after the checks: the fact, or why the input was refused."""

_CHANGES = (RecordStatus.RECORDED, RecordStatus.UPDATED)


@dataclass(frozen=True)
class Written:
    """The result of writing a batch."""

    verdicts: Sequence[Verdict]
    """One per input, in the order of the inputs."""
    data_version: int

    @property
    def is_change(self) -> bool:
        """Whether the write changed anything."""
        return any(one in _CHANGES for one in self.verdicts)


@dataclass(frozen=True)
class Batch:
    """Checked inputs of one kind. Their ids are fixed, so that the batch can be written again."""

    kind: Kind[Any]
    makerspace: MakerspaceId
    recorder: Recorder
    now: datetime
    judged: Sequence[Judged]
    """One per input, in the order of the inputs."""

    @classmethod
    def of(
        cls,
        kind: Kind[Raw],
        makerspace: MakerspaceId,
        inputs: Sequence[Raw],
        *,
        recorder: Recorder,
        now: datetime,
    ) -> Self:
        """Check inputs.

        Raises: LimitExceeded.
        """
        recorder.check_size(inputs)
        oldest = recorder.oldest_event(now) if kind.has_retention else None
        bounds = Bounds(makerspace.value, now, oldest, recorder.user_id, recorder.user_id or recorder.default_user_id)
        return cls(kind, makerspace, recorder, now, _judge(kind, inputs, bounds, recorder.randomness))

    @classmethod
    def joined(cls, batches: "Sequence[Batch]") -> "Batch":
        """Make one batch of several of one kind and makerspace. Each was checked with its own sender's rights."""
        first = batches[0]
        if len(batches) == 1:
            return first
        now = max(batch.now for batch in batches)
        judged = [one for batch in batches for one in batch.judged]
        return cls(first.kind, first.makerspace, first.recorder, now, judged)

    @property
    def facts(self) -> list[Fact]:
        """The inputs that were not refused."""
        return [one for one in self.judged if not isinstance(one, AnalyticsError)]

    def outcome(self, written: Written) -> RecordOutcome:
        """Return the outcome for the sender."""
        results = results_of(
            (None if isinstance(one, AnalyticsError) else str(one[0]), verdict)
            for one, verdict in zip(self.judged, written.verdicts, strict=True)
        )
        return RecordOutcome.of(results, written.data_version)


def verdicts_of(judged: Sequence[Judged], known: dict[int, Verdict]) -> list[Verdict]:
    """Return one verdict per input: the refusal, or that in `known` by position."""
    return [one if isinstance(one, AnalyticsError) else known[i] for i, one in enumerate(judged)]


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
