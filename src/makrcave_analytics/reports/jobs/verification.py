"""Verification of a stored file: read back from the storage before its report counts as completed."""

import hashlib

from makrcave_analytics.reports.rendering.registry import format_of
from makrcave_analytics.reports.storage.base import StorageError, StoredFacts, StoredFile
from makrcave_analytics.reports.vocabulary import ReportFormat


async def verify_file(stored: StoredFile, written: StoredFacts, format_: ReportFormat, rows: int) -> None:
    """Read a file to its end; compare size and digest with what was written, and let its format check the content.

    Raises: StorageError where it is not what was written, or not of this format and so many rows.
    """
    digest, check = hashlib.sha256(), format_of(format_).check()
    async for chunk in stored.chunks():
        digest.update(chunk)
        check.feed(chunk)
    if (stored.size_bytes, digest.hexdigest()) != (written.size_bytes, written.sha256):
        raise StorageError("what was read back is not what was written")
    check.finish(rows)
