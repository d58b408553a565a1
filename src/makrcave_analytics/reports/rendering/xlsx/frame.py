"""Fact rows as a Polars frame, read by COPY. Knows no workbook."""

import io

import polars as pl

from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.row_sets import CellKind, RowQuery, Rows, Style, compile_rows
from makrcave_analytics.reports.rendering.csv import copy, set_time_zone
from makrcave_analytics.reports.rendering.sanitize import CUT, REPLACED

MOST_ROWS = 2_097_150
"""The rows of two full sheets; CSV holds more."""
_CELL = 32_767
_UNFIT = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]"
_TYPES: dict[CellKind, type[pl.DataType]] = {
    CellKind.NUMBER: pl.Float64,
    CellKind.MONEY: pl.Float64,
    CellKind.DAY: pl.Date,
    CellKind.INSTANT: pl.Datetime,
    CellKind.FLAG: pl.Boolean,
}

PLAIN = Style(
    text=lambda sql: sql,
    # Excel has no zones: local time, and a column with its offset, because one hour occurs twice in autumn.
    instant=lambda sql: f"to_char({sql}, 'YYYY-MM-DD HH24:MI:SS')",
    has_offsets=True,
)


async def read_rows(context: ReportContext, rows: Rows) -> pl.DataFrame:
    """Read at most MOST_ROWS fact rows; add a note where there are more."""
    query = compile_rows(rows, context, PLAIN, MOST_ROWS + 1)
    written = _Pieces()
    async with context.reading.snapshot.connection() as connection:
        await set_time_zone(connection, context.makerspace.time_zone)
        await copy(connection, query.sql, query.arguments, written, lambda _: None)
    frame = _parse(written.bytes(), query)
    if frame.height > MOST_ROWS:
        context.note(f"Only the first {MOST_ROWS:,} rows are in this workbook: ask for all of them as CSV.")
    return frame.head(MOST_ROWS)


class _Pieces:
    """A sink in memory for COPY."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    async def write(self, data: bytes) -> None:
        self._pieces.append(data)

    def bytes(self) -> bytes:
        return b"".join(self._pieces)


def _parse(data: bytes, query: RowQuery) -> pl.DataFrame:
    types = {column.name: _TYPES.get(column.kind, pl.String) for column in query.columns}
    frame = pl.read_csv(io.BytesIO(data), schema=types, try_parse_dates=False, eol_char="\n")
    texts = pl.col(pl.String)
    long = texts.str.len_chars() > _CELL
    fit = texts.str.replace_all(_UNFIT, REPLACED)
    return frame.with_columns(pl.when(long).then(fit.str.slice(0, _CELL - len(CUT)) + CUT).otherwise(fit).name.keep())
