"""Workbooks in an OLE container: with a password, or of before 2007. They are recognized and refused."""

from pathlib import Path

from makrcave_analytics.recording.importing.readers.base import FileFormat, RowSource, Score, refused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class _ClosedWorkbook:
    has_sheets = False

    def matches(self, start: bytes, _: str) -> bool:
        return start.startswith(_OLE)

    def open(self, path: Path, start: bytes, score: Score, sheet: str | None) -> RowSource:  # noqa: ARG002 - refused
        raise refused(path, _reason(path))


CLOSED_WORKBOOK: FileFormat = _ClosedWorkbook()


def _reason(path: Path) -> str:
    """Tell a workbook with a password from one of before 2007; both have the same container."""
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if _ENCRYPTED in tail + chunk:
                return "is protected by a password: save a copy without one."
            tail = chunk[-len(_ENCRYPTED) :]
    return "is a workbook of before 2007: save it as .xlsx, or as CSV."
