"""CSV: commas, semicolons or tabs; UTF-8 with or without a byte order mark, UTF-16 with one."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from makrcave_analytics.recording.importing.readers.base import UTF_16, FileFormat, FileRow, Score, refused

DELIMITERS = ",;\t"


@dataclass
class CsvSource:
    """A CSV file. Its delimiter is the one that splits the header into the most known columns."""

    path: Path
    score: Score
    rejects_suffix: str = field(default="csv", init=False)
    has_header: bool = field(default=True, init=False)

    @property
    def decimal_comma(self) -> bool:
        """Whether commas are in numbers: where semicolons separate, as spreadsheets of such countries write."""
        return self._delimiter == ";"

    def names(self) -> tuple[str, ...]:
        """Return the header."""
        return tuple(self._header(self._delimiter))

    def rows(self) -> Iterator[FileRow]:
        """Read the rows below the header; cells lose the blanks around them."""
        names = self.names()
        with self._reading(self._delimiter) as reader:
            next(reader)
            line = reader.line_num + 1
            for cells in reader:
                stripped = [cell.strip() or None for cell in cells]
                if any(stripped):
                    yield FileRow(line, names, stripped, self._problem(len(cells), len(names)))
                line = reader.line_num + 1

    @staticmethod
    def _problem(cells: int, names: int) -> str | None:
        return None if cells == names else f"The row has {cells} cells and the header {names}."

    @cached_property
    def _encoding(self) -> str:
        with self.path.open("rb") as file:
            start = file.read(2)
        return "utf-16" if start in UTF_16 else "utf-8-sig"

    @cached_property
    def _delimiter(self) -> str:
        def known(delimiter: str) -> tuple[int, int]:
            names = self._header(delimiter)
            return self.score(names), len(names)

        return max(DELIMITERS, key=known)

    def _header(self, delimiter: str) -> Sequence[str]:
        with self._reading(delimiter) as reader:
            names = [name.strip() for name in next(reader, [])]
        if not any(names):
            raise refused(self.path, "is empty: its first line must name the columns.")
        return names

    @contextmanager
    def _reading(self, delimiter: str) -> Iterator[Any]:
        reader = None
        try:
            with self.path.open(encoding=self._encoding, newline="") as file:
                reader = csv.reader(file, delimiter=delimiter, strict=True)
                yield reader
        except UnicodeError:
            near = f"near line {reader.line_num + 1}" if reader else "from the start"
            raise refused(self.path, f"is not UTF-8 ({near}): save it as CSV UTF-8.") from None
        except csv.Error as error:
            line = reader.line_num if reader else 1
            raise refused(self.path, f"is no CSV that can be read: {_problem_of(error)} in line {line}.") from None


class _Csv:
    has_sheets = False

    def matches(self, start: bytes, _: str) -> bool:
        return b"\x00" not in start or start.startswith(UTF_16)

    def open(self, path: Path, _start: bytes, score: Score, _sheet: str | None) -> CsvSource:
        return CsvSource(path, score)


CSV: FileFormat = _Csv()


def _problem_of(error: csv.Error) -> str:
    if "field limit" in str(error) or "end of data" in str(error):
        return "a quote that opened is never closed"
    return "quotes stand where they must not"
