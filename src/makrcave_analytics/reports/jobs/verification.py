"""Proof that a stored file is the one that was written: read back from where it lies before anybody is told of it."""

import hashlib

from makrcave_analytics.reports.storage.base import StorageError, StoredFacts, StoredFile
from makrcave_analytics.reports.vocabulary import ReportFormat

_BEGINS = {ReportFormat.XLSX: b"PK\x03\x04", ReportFormat.PDF: b"%PDF-"}
_OTHER_BYTES = bytes(set(range(256)) - set(b'"\n'))


async def verify_file(stored: StoredFile, written: StoredFacts, format_: ReportFormat, rows: int) -> None:
    """Read a file to its end and compare; of CSV the records are counted too.

    Raises: StorageError where it is not what was written, or not that many rows.
    """
    digest, records, head = hashlib.sha256(), CsvRecordCounter(), b""
    async for chunk in stored.chunks():
        digest.update(chunk)
        head = head or chunk[:5]
        if format_ is ReportFormat.CSV:
            records.feed(chunk)
    if (stored.size_bytes, digest.hexdigest()) != (written.size_bytes, written.sha256):
        raise StorageError("what was read back is not what was written")
    if not head.startswith(_BEGINS.get(format_, b"")):
        raise StorageError(f"the file does not begin like {format_}")
    if format_ is ReportFormat.CSV and records.count != rows + 1:
        raise StorageError(f"the file has {records.count - 1} rows, not {rows}")


class CsvRecordCounter:
    """Counts the records of CSV in pieces: the line ends that stand outside of quotes."""

    def __init__(self) -> None:
        self.count = 0
        self._is_quoted = False

    def feed(self, chunk: bytes) -> None:
        """Count on."""
        # Of all bytes only quotes and line ends matter, and two quotes with no line end between cancel out.
        pieces = chunk.translate(None, _OTHER_BYTES).replace(b'""', b"").split(b'"')
        outside = pieces[1::2] if self._is_quoted else pieces[::2]
        self.count += sum(map(len, outside))
        self._is_quoted ^= len(pieces) % 2 == 0
