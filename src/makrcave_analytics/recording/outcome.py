"""The result for the sender: one per input, in their order, and the version in which everything is visible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from makrcave_analytics.errors import AnalyticsError, ErrorCode


class RecordStatus(StrEnum):
    """The status of one input."""

    RECORDED = "RECORDED"
    UPDATED = "UPDATED"
    VOIDED = "VOIDED"
    DUPLICATE = "DUPLICATE"
    REJECTED = "REJECTED"


Verdict: TypeAlias = RecordStatus | AnalyticsError
"""The status of one input, or why it was refused."""


@dataclass(frozen=True)
class UserError:
    """Why one input was refused. The message is for the sender, and quotes no value that was sent."""

    code: ErrorCode
    message: str
    path: tuple[str, ...]
    """The field, like ("input", "3", "timestamp")."""


@dataclass(frozen=True)
class RecordResult:
    """The result of the input at `index`. `id` is the stored id, None where there is none."""

    index: int
    id: str | None
    status: RecordStatus
    error: UserError | None = None


@dataclass(frozen=True)
class RecordOutcome:
    """The result of a batch. Everything that it counts has been committed."""

    recorded: int
    """New facts; of a batch of voids, the voided facts."""
    updated: int
    duplicates: int
    rejected: int
    results: tuple[RecordResult, ...]
    data_version: int
    user_errors: tuple[UserError, ...]
    """The errors of the rejected results."""

    @property
    def is_change(self) -> bool:
        """Whether the batch changed anything."""
        return self.recorded + self.updated > 0

    @classmethod
    def of(cls, results: Sequence[RecordResult], data_version: int) -> Self:
        """Count results, one per input, in the order of the inputs."""
        statuses = [result.status for result in results]
        return cls(
            recorded=statuses.count(RecordStatus.RECORDED) + statuses.count(RecordStatus.VOIDED),
            updated=statuses.count(RecordStatus.UPDATED),
            duplicates=statuses.count(RecordStatus.DUPLICATE),
            rejected=statuses.count(RecordStatus.REJECTED),
            results=tuple(results),
            data_version=data_version,
            user_errors=tuple(result.error for result in results if result.error is not None),
        )


def results_of(verdicts: Iterable[tuple[str | None, Verdict]]) -> list[RecordResult]:
    """Return a result per input from the stored ids and verdicts, in the order of the inputs."""
    return [
        RecordResult(i, stored_id, RecordStatus.REJECTED, refusal(i, verdict))
        if isinstance(verdict, AnalyticsError)
        else RecordResult(i, stored_id, verdict)
        for i, (stored_id, verdict) in enumerate(verdicts)
    ]


def refusal(index: int, error: AnalyticsError) -> UserError:
    """Return the user error of the input at `index`."""
    return UserError(ErrorCode(error.code), error.message, ("input", str(index), *error.path))
