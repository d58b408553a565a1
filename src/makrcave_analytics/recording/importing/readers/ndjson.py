"""NDJSON: one JSON object per line, in UTF-8. Its numbers stay exact."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from makrcave_analytics.recording.importing.readers.base import UTF_16, FileFormat, FileRow, Score, first_sign, refused

MAX_LINE_BYTES = 64 * 1024
SUFFIXES = frozenset({".ndjson", ".jsonl"})


@dataclass
class NdjsonSource:
    """An NDJSON file. A line that is no object is refused alone."""

    path: Path
    rejects_suffix: str = field(default="ndjson", init=False)
    has_header: bool = field(default=False, init=False)
    decimal_comma: bool = field(default=False, init=False)

    def names(self) -> tuple[str, ...]:
        """Return the names of the first object; none where no line is one."""
        first = next((row for row in self.rows() if row.problem is None), None)
        return first.names if first is not None else ()

    def rows(self) -> Iterator[FileRow]:
        """Read every line that is not blank."""
        with self.path.open("rb") as file:
            for line, (raw, is_whole) in enumerate(_lines(file), 1):
                try:
                    text = raw.decode("utf-8-sig" if line == 1 else "utf-8").strip()
                except UnicodeDecodeError:
                    if not is_whole:
                        text = raw.decode("utf-8", "ignore")
                    else:
                        raise refused(self.path, f"is not UTF-8 in line {line}: save it as UTF-8.") from None
                if text:
                    yield _row(line, text, is_whole=is_whole)


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield each line, and whether it is whole. The rest of a line that is too long is skipped."""
    while raw := file.readline(MAX_LINE_BYTES + 1):
        is_whole = len(raw) <= MAX_LINE_BYTES
        rest = b"" if is_whole or raw.endswith(b"\n") else file.readline(MAX_LINE_BYTES)
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES)
        yield raw, is_whole


def _row(line: int, text: str, *, is_whole: bool) -> FileRow:
    if not is_whole:
        return FileRow(line, (), (), f"The line is longer than {MAX_LINE_BYTES} bytes.", text[:200])
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return FileRow(line, (), (), "The line is not JSON.", text)
    if not isinstance(value, dict):
        return FileRow(line, (), (), "The line is not a JSON object.", text)
    return FileRow(line, tuple(value), tuple(value.values()), None, text)


class _Ndjson:
    """NDJSON, and JSON arrays, which are refused with a hint."""

    has_sheets = False

    def matches(self, start: bytes, suffix: str) -> bool:
        if b"\x00" in start and not start.startswith(UTF_16):
            return False
        return suffix in SUFFIXES or first_sign(start) in (b"{", b"[")

    def open(self, path: Path, start: bytes, _score: Score, _sheet: str | None) -> NdjsonSource:
        if start.startswith(UTF_16):
            raise refused(path, "is UTF-16: NDJSON is written in UTF-8.")
        if first_sign(start) == b"[" and path.suffix.lower() not in SUFFIXES:
            raise refused(path, "is a JSON array: write an object a line instead, without commas between them.")
        return NdjsonSource(path)


NDJSON: FileFormat = _Ndjson()


def _no_number(name: str) -> Any:
    raise ValueError(name)
