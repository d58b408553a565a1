"""CSV by RFC 4180, streamed from PostgreSQL by COPY. Knows no report type.

UTF-8 without a byte order mark, a header, lines that end in CR LF, cells quoted where needed. Null is the empty cell,
empty text is "". A text cell that a spreadsheet would read as a formula gets a leading apostrophe. So does one with
apostrophes before such a sign, so that removing one apostrophe always restores the text.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.db import driver
from makrcave_analytics.metrics.display.format import exact_value
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Column, DocumentTable, Value
from makrcave_analytics.reports.content.row_sets import Rows, Style, compile_rows
from makrcave_analytics.reports.rendering.sanitize import safe_cell

# May precede the sign: white space of any script, apostrophes, control characters, byte order marks.
_FORMULA = r"^[\s''[:cntrl:]\u200b\u2060\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20-]|^[\t\r\n]"


def text_cell(expression: str) -> str:
    """Write the SQL of a text cell; `expression` is SQL itself.

    Comparing the first character is much cheaper than the pattern, and decides almost every cell.
    """
    first = f'{expression} COLLATE "C"'
    plain = f"({first} >= 'A' AND {first} < '{{') OR ({first} >= '0' AND {first} < ':')"
    formula = f"{expression} ~ '{_FORMULA}'"
    return f"CASE WHEN {plain} THEN {expression} WHEN {formula} THEN '''' || {expression} ELSE {expression} END"


def instant_cell(expression: str) -> str:
    """Write the SQL of an instant: RFC 3339 in the transaction's TimeZone, with a fraction only where it has one.

    to_json writes this form in half the time of to_char.
    """
    return f"btrim(CAST(to_json({expression}) AS text), '\"')"


_MUST_BE_QUOTED = re.compile('[",\r\n]')
_LINE_END = re.compile("\r?\n")
CELLS = Style(text=text_cell, instant=instant_cell)


class Writes(Protocol):
    """A destination of bytes."""

    async def write(self, data: bytes) -> None:
        """Append."""


async def write_rows(context: ReportContext, rows: Rows) -> int:
    """Stream the fact rows of a report into its file; return their number."""
    job, query = context.job, compile_rows(rows, context, CELLS)
    context.stage(rows.stage, 0)
    async with context.reading.snapshot.connection() as connection:
        edges = query.arguments[:3]
        expected = await (await driver(connection)).fetchval(rows.expected, *edges)

        def counted(lines: int) -> None:
            job.progress.fraction = min(0.99, lines / max(int(expected or 0), lines))

        await set_time_zone(connection, context.makerspace.time_zone)
        return await copy(connection, query.sql, query.arguments, job.sink, counted)


async def write_table(context: ReportContext, table: DocumentTable) -> int:
    """Write a table into the report's file; return the number of its rows."""
    lines: list[list[str | None]] = [[column.key for column in table.columns]]
    lines += ([_cell(context, *of) for of in zip(row, table.columns, strict=True)] for row in table.rows)
    await context.job.sink.write("".join(",".join(map(_quoted, line)) + "\r\n" for line in lines).encode())
    return len(table.rows)


def _quoted(cell: str | None) -> str:
    """Quote a cell where needed, as COPY does."""
    if cell is None:
        return ""
    is_plain = cell and not _MUST_BE_QUOTED.search(cell)
    return cell if is_plain else '"{}"'.format(_LINE_END.sub("\r\n", cell.replace('"', '""')))


def _cell(context: ReportContext, value: Value, column: Column) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            exact = exact_value(value, column.unit, context.scope.currency) if column.unit else value
            return None if exact is None else format(exact, "f")
        case datetime() | date():
            return value.isoformat()
        case str():
            return safe_cell(value)
        case _:
            return None if value is None else str(value)


async def set_time_zone(connection: AsyncConnection, zone: str) -> None:
    """Set the TimeZone of the transaction. The value is quoted into the text, because SET takes no parameters."""
    await (await driver(connection)).execute("SET LOCAL TimeZone = '{}'".format(zone.replace("'", "''")))


async def copy(
    connection: AsyncConnection,
    query: str,
    arguments: tuple[Any, ...],
    sink: "Writes",
    counted: Callable[[int], None],
) -> int:
    """Stream a query with its header into a sink; return the number of rows, without the header.

    `counted` is called with the lines so far. Memory stays flat: reading waits for writing.
    """
    lines = 0

    async def write(data: bytes) -> None:
        nonlocal lines
        lines += data.count(b"\n")
        # COPY ends lines in LF. LF inside a cell becomes CR LF too, the usual line end of transmitted text.
        await sink.write(data.replace(b"\n", b"\r\n"))
        counted(lines)

    done = await (await driver(connection)).copy_from_query(
        query, *arguments, output=write, format="csv", header=True, encoding="UTF8"
    )
    found = re.fullmatch(r"COPY (\d+)", done)
    if found is None:
        raise RuntimeError(f"COPY ended without a count: {done!r}")
    return int(found.group(1))
