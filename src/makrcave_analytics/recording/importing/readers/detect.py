"""What kind of file it is, by what it holds; its name only tells kinds of text apart."""

from pathlib import Path

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.importing.readers.base import RowSource, Score, refused
from makrcave_analytics.recording.importing.readers.csv import CsvSource
from makrcave_analytics.recording.importing.readers.ndjson import NdjsonSource
from makrcave_analytics.recording.importing.readers.xlsx import XlsxSource

NDJSON_ENDINGS = frozenset({".ndjson", ".jsonl"})

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_START_BYTES = 64 * 1024


def open_source(path: Path, score: Score, sheet: str | None = None) -> RowSource:
    """Open a file of rows; `score` tells how many of some names are columns that are looked for.

    Raises: Invalid, in one sentence.
    """
    start = _start(path)
    if start.startswith(_ZIP):
        return XlsxSource(path, sheet)
    if sheet is not None:
        raise refused(path, "has no sheets: only workbooks do.")
    if start.startswith(_OLE):
        raise refused(path, _closed(path))
    is_utf_16 = start.startswith(_UTF_16)
    if b"\x00" in start and not is_utf_16:
        raise refused(path, "is neither CSV, XLSX nor NDJSON.")
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if path.suffix.lower() in NDJSON_ENDINGS or first == b"{":
        if is_utf_16:
            raise refused(path, "is UTF-16: NDJSON is written in UTF-8.")
        return NdjsonSource(path)
    if first == b"[":
        raise refused(path, "is a JSON array: write an object a line instead, without commas between them.")
    return CsvSource(path, score)


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


def _closed(path: Path) -> str:
    """Tell a workbook with a password from one of before 2007; both lie in the same container."""
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if _ENCRYPTED in tail + chunk:
                return "is protected by a password: save a copy without one."
            tail = chunk[-len(_ENCRYPTED) :]
    return "is a workbook of before 2007: save it as .xlsx, or as CSV."
