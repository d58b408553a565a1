"""Checks of a whole file before anything of it is recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.importing.columns import ColumnMap, FileShape
from makrcave_analytics.recording.importing.readers.base import RowSource, refused

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with the stage, the rows done, and the rows of the file, where they are known."""

_ROWS_PER_PROGRESS = 1000


def check_header(path: Path, source: RowSource, shape: FileShape) -> tuple[str, ...]:
    """Refuse a file without the columns that every row needs; return the columns that are for no field."""
    try:
        columns: ColumnMap = shape.columns(source.names())
    except Invalid as error:
        raise refused(path, f"cannot be taken. {error.message}") from None
    if columns.missing and (source.has_header or not columns.known):
        named = "column" if len(columns.missing) == 1 else "columns"
        raise refused(
            path,
            f"has no {named} {', '.join(columns.missing)}; a file of {shape.kind.name} may have "
            f"{', '.join(shape.readers)}.",
        )
    return columns.unknown


def check_rows(path: Path, source: RowSource, shape: FileShape, progress: Progress) -> int:
    """Read every row, so that an unreadable file is refused before anything is recorded; return their number."""
    rows = 0
    for rows, row in enumerate(source.rows(), 1):
        if row.problem is None and source.has_header:
            place = shape.columns_of(row.names).formula(row)
            if place is not None:
                raise refused(path, f"holds a formula in {place}: copy the sheet and paste only its values.")
        if rows % _ROWS_PER_PROGRESS == 0:
            progress("checking", rows, None)
    progress("checking", rows, rows)
    return rows
