"""The summary of an import."""

from dataclasses import dataclass, field
from pathlib import Path

from makrcave_analytics.recording.outcome import RecordOutcome

MOST_REASONS = 10


@dataclass
class Summary:
    """What became of the rows; of a dry run, what would become of them."""

    rows: int = 0
    recorded: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    unknown_columns: tuple[str, ...] = ()
    """Columns that are for no field, and were left out."""
    reasons: list[tuple[int, str]] = field(default_factory=list)
    """Line and reason of the first rows that were refused."""
    rejects: Path | None = None
    """The file of the refused rows, where there are some and the file is kept."""

    def count(self, outcome: RecordOutcome) -> None:
        """Add a batch."""
        self.recorded += outcome.recorded
        self.updated += outcome.updated
        self.duplicates += outcome.duplicates

    def refuse(self, line: int, reason: str) -> None:
        """Add a row that was refused."""
        self.rejected += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append((line, reason))
