"""XLSX: one sheet of a workbook, streamed. Sizes that the file declares are not trusted: reading is limited."""

import itertools
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl

from makrcave_analytics.errors import AnalyticsError
from makrcave_analytics.recording.importing.readers.base import Cell, FileFormat, FileRow, Formula, Score, refused
from makrcave_analytics.recording.parsing import Malformed

MAX_ROWS = 1_048_576
MAX_COLUMNS = 500
MAX_BYTES = 1 << 30
"""Bytes of all parts, unpacked."""
MAX_TEXT_BYTES = 256 << 20
"""Bytes of the shared texts, which are kept in memory."""
MAX_RATIO = 200
"""Unpacked to packed bytes, of files above MUCH_BYTES; real sheets are below 60."""
MUCH_BYTES = 32 << 20
MAX_PARTS = 10_000

_SCANNED_BYTES = 1 << 20
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z0-9:]+)\"")
_OVERLAP = 200
_AT_ONCE = 500


@dataclass
class XlsxSource:
    """A sheet of a workbook: the named one, or the only one that is not empty."""

    path: Path
    sheet: str | None = None
    rejects_suffix: str = field(default="csv", init=False)
    has_header: bool = field(default=True, init=False)
    decimal_comma: bool = field(default=False, init=False)

    def names(self) -> tuple[str, ...]:
        """Return the header, after a check of the sizes."""
        return self._chosen[1]

    def rows(self) -> Iterator[FileRow]:
        """Read the rows below the header."""
        title, names = self._chosen
        with self._workbook() as book:
            for line, cells in _sheet_rows(self.path, book[title], len(names)):
                if line > 1 and any(cell is not None for cell in cells):
                    yield FileRow(line, names, cells)

    @cached_property
    def _chosen(self) -> tuple[str, tuple[str, ...]]:
        """Choose the sheet; return its title and its header."""
        self._check_sizes()
        with self._workbook() as book:
            headers = {one.title: self._header(one) for one in book.worksheets}
        filled = [title for title, names in headers.items() if names]
        title = self.sheet if self.sheet is not None else (filled[0] if len(filled) == 1 else None)
        if not filled:
            raise refused(self.path, "is empty: the first row of a sheet must name the columns.")
        if title is None or title not in headers:
            missing = "holds several sheets" if title is None else "has no such sheet"
            raise refused(self.path, f"{missing}: name one of {', '.join(filled)}.")
        if not headers[title]:
            raise refused(self.path, f"has nothing in the first row of {title}, which must name the columns.")
        self._refuse_merged(title)
        return title, headers[title]

    def _header(self, sheet: Any) -> tuple[str, ...]:
        cells = next(_sheet_rows(self.path, sheet, MAX_COLUMNS), (1, []))[1]
        names = ["" if cell is None else str(cell) for cell in cells]
        while names and not names[-1]:
            names.pop()
        return tuple(names)

    def _check_sizes(self) -> None:
        """Refuse a file that is too large, before it is unpacked. zipfile unpacks no more bytes than are declared."""
        with self._zip() as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise refused(self.path, "is no XLSX workbook: save it as .xlsx, or as CSV.")
            packed = sum(part.compress_size for part in parts)
            unpacked = sum(part.file_size for part in parts)
            texts = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
        is_bomb = unpacked > MUCH_BYTES and unpacked > MAX_RATIO * packed
        if is_bomb or unpacked > MAX_BYTES or texts > MAX_TEXT_BYTES or len(parts) > MAX_PARTS:
            raise refused(
                self.path,
                f"is too large to be read as a workbook ({unpacked / 1e6:,.0f} MB unpacked): save the sheet as CSV.",
            )

    def _refuse_merged(self, title: str) -> None:
        """Refuse merged cells: cells under them would have no column, or no value."""
        with self._workbook() as book, self._zip() as archive:
            part = book[title]._worksheet_path  # noqa: SLF001 - read-only sheets give merged cells no other way
            with archive.open(part) as reading:
                tail = b""
                while chunk := reading.read(_SCANNED_BYTES):
                    found = _MERGED.search(tail + chunk)
                    if found is not None:
                        raise refused(
                            self.path, f"has merged cells ({found.group(1).decode()}): unmerge them, a value a cell."
                        )
                    tail = chunk[-_OVERLAP:]

    @contextmanager
    def _workbook(self) -> Iterator[Any]:
        with _readable(self.path), self.path.open("rb") as file:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()

    @contextmanager
    def _zip(self) -> Iterator[ZipFile]:
        with _readable(self.path), ZipFile(self.path) as archive:
            yield archive


class _Xlsx:
    has_sheets = True

    def matches(self, start: bytes, _: str) -> bool:
        return start.startswith(b"PK\x03\x04")

    def open(self, path: Path, _start: bytes, _score: Score, sheet: str | None) -> XlsxSource:
        return XlsxSource(path, sheet)


XLSX: FileFormat = _Xlsx()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn any error of a damaged file into one sentence."""
    try:
        yield
    except (AnalyticsError, OSError):
        raise
    except BadZipFile:
        raise refused(path, "is damaged: it cannot be unpacked.") from None
    except Exception as error:  # openpyxl raises what its parsers raise
        raise refused(path, "is damaged: it cannot be read as a workbook.") from error


def _sheet_rows(path: Path, sheet: Any, width: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield the number and the cells of every row."""
    if not hasattr(sheet, "reset_dimensions"):
        return  # a sheet of nothing but a chart
    sheet.reset_dimensions()
    reading = sheet.iter_rows(max_col=width)
    lines = itertools.count(1)
    while some := _next(reading, _AT_ONCE):
        for cells in some:
            line = next(lines)
            if line > MAX_ROWS:
                raise refused(path, f"has more than {MAX_ROWS:,} rows.")
            yield line, [_cell(cell) for cell in cells]


def _next(reading: Iterator[Any], count: int) -> list[Any]:
    """Read so many rows without warnings: a date beyond Excel's calendar is an error in its cell."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(itertools.islice(reading, count))


def _cell(cell: Any) -> Cell:
    value: Cell = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Formula(cell.coordinate)
    if cell.data_type == "e":
        return Malformed(value, f"The cell shows {value}.")
    return (value.strip() or None) if isinstance(value, str) else value
