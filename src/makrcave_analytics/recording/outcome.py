"""What a sender gets back: one result an input, in the order sent, and the version in which all of it is to be seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from makrcave_analytics.errors import AnalyticsError, ErrorCode


class RecordStatus(StrEnum):
    """What became of one input."""

    RECORDED = "RECORDED"
    UPDATED = "UPDATED"
    VOIDED = "VOIDED"
    DUPLICATE = "DUPLICATE"
    REJECTED = "REJECTED"


Verdict: TypeAlias = RecordStatus | AnalyticsError
"""What became of one input, or why it was refused."""


@dataclass(frozen=True)
class UserError:
    """Why one input was refused. Its message is written for the sender and quotes nothing that was sent."""

    code: ErrorCode
    message: str
    path: tuple[str, ...]
    """Like ("input", "3", "timestamp")."""


@dataclass(frozen=True)
class RecordResult:
    """What became of the input at `index`. `id` is the stored one, None where none was made."""

    index: int
    id: str | None
    status: RecordStatus
    error: UserError | None = None


@dataclass(frozen=True)
class RecordOutcome:
    """What became of a batch. Everything counted in it has been committed."""

    recorded: int
    """Inputs that are new facts; of a batch of voids, those that were voided."""
    updated: int
    duplicates: int
    rejected: int
    results: tuple[RecordResult, ...]
    data_version: int
    user_errors: tuple[UserError, ...]
    """Those of the rejected results."""

    @property
    def is_change(self) -> bool:
        """Whether anything is other than before."""
        return self.recorded + self.updated > 0

    @classmethod
    def of(cls, results: Sequence[RecordResult], data_version: int) -> Self:
        """Count the results, one an input and in its order."""
        told = [result.status for result in results]
        return cls(
            recorded=told.count(RecordStatus.RECORDED) + told.count(RecordStatus.VOIDED),
            updated=told.count(RecordStatus.UPDATED),
            duplicates=told.count(RecordStatus.DUPLICATE),
            rejected=told.count(RecordStatus.REJECTED),
            results=tuple(results),
            data_version=data_version,
            user_errors=tuple(result.error for result in results if result.error is not None),
        )


def results_of(verdicts: Iterable[tuple[str | None, Verdict]]) -> list[RecordResult]:
    """Number verdicts, each with the stored id, in the order of the inputs."""
    return [
        RecordResult(i, shown, RecordStatus.REJECTED, refusal(i, verdict))
        if isinstance(verdict, AnalyticsError)
        else RecordResult(i, shown, verdict)
        for i, (shown, verdict) in enumerate(verdicts)
    ]


def refusal(index: int, error: AnalyticsError) -> UserError:
    """Say which input an error is about."""
    return UserError(ErrorCode(error.code), error.message, ("input", str(index), *error.path))
