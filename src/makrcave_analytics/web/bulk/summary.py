"""Summary of a bulk request: counts, rejected lines with reasons, and up to which line all is committed."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from makrcave_analytics.errors import AnalyticsError, ErrorCode
from makrcave_analytics.letter_case import to_camel
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


_SPELLED = {to_camel(name): name for name in FIELDS}


@dataclass
class LineBatch:
    """Lines that are recorded together."""

    last: int
    """The number of the last line, from 1. Refused and empty lines count."""
    inputs: list[UsageEventInput] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """The line number of each input."""
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
        """Count an empty line."""
        self.last += 1


@dataclass
class BulkSummary:
    """The results of a body so far."""

    recorded: int = 0
    duplicates: int = 0
    rejected: int = 0
    committed_lines: int = 0
    rejects: list[dict[str, Any]] = field(default_factory=list)
    data_version: int | None = None
    note: str | None = None

    def add(self, batch: LineBatch, outcome: RecordOutcome) -> None:
        """Add the results of the next batch."""
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
        """The status for a body of one event."""
        return _STATUSES.get(self.rejects[0]["code"], HTTPStatus.BAD_REQUEST) if self.rejects else HTTPStatus.OK

    def body(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
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
    """Return a rejected line, with fields as this endpoint spells them."""
    _, _, *path = error.path
    message = error.message
    for ours, theirs in _SPELLED.items():
        message = message.replace(ours, theirs)
    return number, error.code, message, tuple(_SPELLED.get(name, name) for name in path)


def _reject(line: int, code: str, message: str, path: tuple[str, ...]) -> dict[str, Any]:
    return {"line": line, "code": code, "message": message, "path": list(path)}
