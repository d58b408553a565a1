"""The file of refused rows, each with its line and the reason. It can be corrected and imported like any file."""

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.importing.readers.base import Cell, FileRow
from makrcave_analytics.recording.parsing import Malformed


class Rejects:
    """Writes refused rows as CSV, those of NDJSON as NDJSON. Without refused rows no file is left."""

    def __init__(self, path: Path, names: Sequence[str] | None) -> None:
        """`names` is the header of the imported file; None: NDJSON.

        Raises: Invalid, where the file cannot be written: before anything is recorded.
        """
        self.path = path
        self.count = 0
        self._names = names
        try:
            self._file: IO[str] = path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise Invalid(f"The file of rejects {path.name} cannot be written: {error.strerror}.") from error
        if names is not None:
            csv.writer(self._file).writerow(("line", "reason", *names))

    def add(self, row: FileRow, reason: str) -> None:
        """Add a row."""
        self.count += 1
        if self._names is not None:
            csv.writer(self._file).writerow((row.line, reason, *map(_cell_text, row.cells)))
            return
        head = json.dumps({"line": row.line, "reason": reason}, ensure_ascii=False)
        text = row.text or "{}"
        if row.problem is not None:
            self._file.write(f"{head[:-1]}, {json.dumps({'text': text})[1:]}\n")
        elif row.names:
            self._file.write(f"{head[:-1]}, {text.lstrip()[1:]}\n")  # unparsed, so that every digit stays
        else:
            self._file.write(head + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.count:
            self.path.unlink(missing_ok=True)


def _cell_text(cell: Cell) -> Any:
    if isinstance(cell, Malformed):
        return cell.raw
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return "" if cell is None else cell
