"""What the sender is told: how many, which not and why, and up to where all is committed."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from makrcave_analytics.errors import AnalyticsError, ErrorCode
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.outcome import RecordOutcome, UserError
from makrcave_analytics.web.bulk.decoding import FIELDS, Read

MAX_REJECTS = 1_000

WITH_KEY = "Lines without an id got one of the Idempotency-Key and their number: sent again, the same body counts once."
WITHOUT_KEY = "Lines without an id got a new one: sent again they would count again. Send ids, or an Idempotency-Key."

_STATUSES = {
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.IDEMPOTENCY_CONFLICT: HTTPStatus.CONFLICT,
}


def _in_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


_SPELLED = {_in_camel_case(name): name for name in FIELDS}


@dataclass
class LineBatch:
    """Lines that are recorded together."""

    last: int
    """The number of the last line, those that were refused and empty ones included; lines count from 1."""
    inputs: list[UsageEventInput] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """Of each input, its line's."""
    refused: list[tuple[int, AnalyticsError]] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, read: Read | AnalyticsError, size_bytes: int = 0) -> None:
        """Add the next line."""
        self.skip()
        if isinstance(read, AnalyticsError):
            self.refused.append((self.last, read))
        else:
            self.inputs.append(read)
            self.numbers.append(self.last)
            self.size_bytes += size_bytes

    def skip(self) -> None:
        """Count a line that holds nothing."""
        self.last += 1


@dataclass
class BulkSummary:
    """What became of a body so far."""

    recorded: int = 0
    duplicates: int = 0
    rejected: int = 0
    committed_lines: int = 0
    rejects: list[dict[str, Any]] = field(default_factory=list)
    data_version: int | None = None
    note: str | None = None

    def add(self, batch: LineBatch, outcome: RecordOutcome) -> None:
        """Add what became of the next batch."""
        self.recorded += outcome.recorded
        self.duplicates += outcome.duplicates
        self.rejected += outcome.rejected + len(batch.refused)
        self.committed_lines = batch.last
        self.data_version = outcome.data_version
        found = [(number, error.code, error.message, error.path) for number, error in batch.refused]
        if outcome.rejected:
            found += [_refused(batch.numbers[one.index], one.error) for one in outcome.results if one.error is not None]
        room = MAX_REJECTS - len(self.rejects)
        self.rejects += [_reject(*each) for each in sorted(found)[:room]]

    @property
    def status(self) -> HTTPStatus:
        """What a body of one event is answered with that was refused."""
        return _STATUSES.get(self.rejects[0]["code"], HTTPStatus.BAD_REQUEST) if self.rejects else HTTPStatus.OK

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return {
            "recorded": self.recorded,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "committedLines": self.committed_lines,
            "rejects": self.rejects,
            "dataVersion": self.data_version,
            "note": self.note,
        }


def _refused(number: int, error: UserError) -> tuple[int, str, str, tuple[str, ...]]:
    """Name the line in place of the argument, and the field as this door spells it."""
    _, _, *path = error.path
    message = error.message
    for ours, theirs in _SPELLED.items():
        message = message.replace(ours, theirs)
    return number, error.code, message, tuple(_SPELLED.get(name, name) for name in path)


def _reject(line: int, code: str, message: str, path: tuple[str, ...]) -> dict[str, Any]:
    return {"line": line, "code": code, "message": message, "path": list(path)}
