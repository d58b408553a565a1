"""CSV: the fact rows of a report, or its one table. Its records are counted when the file is read back."""

from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.rendering.csv import write_rows, write_table
from makrcave_analytics.reports.rendering.file_format import Format
from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.vocabulary import ReportFormat

_OTHER_BYTES = bytes(set(range(256)) - set(b'"\n'))


async def write(context: ReportContext) -> int:
    """Write the fact rows, or the table of a type without fact rows."""
    definition = definition_of(context.report.type)
    if definition.facts is not None:
        return await write_rows(context, definition.facts)
    if definition.listing is None:
        raise RuntimeError(f"{definition.type} has neither fact rows nor a listing")
    context.stage("Reading rows", 0.1)
    return await write_table(context, await definition.listing(context))


class CsvRecordCounter:
    """Counts the records of CSV in pieces: the line ends outside of quotes."""

    def __init__(self) -> None:
        self.count = 0
        self._is_quoted = False

    def feed(self, chunk: bytes) -> None:
        """Count the records that end in the next piece."""
        # Of all bytes only quotes and line ends matter, and two quotes with no line end between cancel out.
        pieces = chunk.translate(None, _OTHER_BYTES).replace(b'""', b"").split(b'"')
        outside = pieces[1::2] if self._is_quoted else pieces[::2]
        self.count += sum(map(len, outside))
        self._is_quoted ^= len(pieces) % 2 == 0

    def finish(self, rows: int) -> None:
        """Compare the count with the rows and the header.

        Raises: StorageError where it differs.
        """
        if self.count != rows + 1:
            raise StorageError(f"the file has {self.count - 1} rows, not {rows}")


CSV = Format(
    ReportFormat.CSV,
    extension="csv",
    content_type="text/csv; charset=utf-8; header=present",
    write=write,
    check=CsvRecordCounter,
)
