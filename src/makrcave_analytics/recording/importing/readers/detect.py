"""Detects the format of a file by its first bytes. The file extension only tells text formats apart."""

from pathlib import Path

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.importing.readers.base import FileFormat, RowSource, Score, refused
from makrcave_analytics.recording.importing.readers.csv import CSV
from makrcave_analytics.recording.importing.readers.ndjson import NDJSON
from makrcave_analytics.recording.importing.readers.ole import CLOSED_WORKBOOK
from makrcave_analytics.recording.importing.readers.xlsx import XLSX

FORMATS: tuple[FileFormat, ...] = (XLSX, CLOSED_WORKBOOK, NDJSON, CSV)
"""In this order: the first that matches is taken."""

_START_BYTES = 64 * 1024


def open_source(path: Path, score: Score, sheet: str | None = None) -> RowSource:
    """Open a file of rows.

    Raises: Invalid, in one sentence.
    """
    start = _start(path)
    format_ = next((one for one in FORMATS if one.matches(start, path.suffix.lower())), None)
    if sheet is not None and (format_ is None or not format_.has_sheets):
        raise refused(path, "has no sheets: only workbooks do.")
    if format_ is None:
        raise refused(path, "is neither CSV, XLSX nor NDJSON.")
    return format_.open(path, start, score, sheet)


def _start(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise refused(path, "is no file.")
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.") from error
    if not start.strip():
        raise refused(path, "is empty.")
    return start
