"""Downloads: signed links that work without a token, and the files behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from makrcave_analytics import auth, telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.errors import NotFound, Unauthenticated, Unavailable
from makrcave_analytics.reports.ids import no_such_report, seal_report, unseal_report
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.base import Storage, StorageError, StoredFile
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

LINK_LASTS = timedelta(minutes=15)
PATH = "/api/v1/analytics/reports/{id}/download"
"""The path of links; the query parameter `signature` authorises the download."""


class FileGone(NotFound):
    """The report was completed, but its file is no longer kept. HTTP answers 410."""


@dataclass(frozen=True)
class DownloadLink:
    """A link to a file that works without a token until `expires_at`, exclusive."""

    path: str
    """A path of this server, or an absolute address of the storage."""
    expires_at: datetime

    def url(self, public_url: str) -> str:
        """Return the absolute address."""
        return f"{public_url}{self.path}" if self.path.startswith("/") else self.path


@dataclass(frozen=True)
class OpenedDownload:
    """A file that is held open. The caller closes `stored`."""

    file: ReportFile
    stored: StoredFile


async def file_link(
    storage: Storage | None, keys: Keys, makerspace: MakerspaceId, report_id: UUID, file_id: UUID, now: datetime
) -> DownloadLink:
    """Sign a link to a report's file: the storage's own where it signs links, else one to this server.

    Raises: Unavailable where the storage cannot sign now.
    """
    try:
        url = await storage.link(makerspace, file_id, LINK_LASTS) if storage is not None else None
    except StorageError as error:
        log.exception("link not signed", file_id=str(file_id))
        raise Unavailable("The file cannot be reached at the moment; please try again.") from error
    if url is None:
        return download_link(keys, makerspace, report_id, now)
    return DownloadLink(url, (now + LINK_LASTS).replace(microsecond=0))


def download_link(keys: Keys, makerspace: MakerspaceId, report_id: UUID, now: datetime) -> DownloadLink:
    """Sign a link to a report's file on this server."""
    until = (now + LINK_LASTS).replace(microsecond=0)
    signature = auth.sign_download(keys, makerspace, report_id, until)
    path = PATH.format(id=seal_report(keys, makerspace, report_id))
    return DownloadLink(f"{path}?signature={signature}", until)


async def open_download(
    database: Database, storage: Storage, keys: Keys, sealed_id: str, signature: str, now: datetime
) -> OpenedDownload:
    """Verify a link and open its file.

    Raises:
        NotFound: the path names no report.
        Unauthenticated: the signature is forged, expired, or another report's.
        FileGone: the file has expired or was deleted.
        Unavailable: PostgreSQL or the storage is away.
    """
    makerspace_value, report_id = unseal_report(keys, sealed_id)
    granted = auth.open_download(keys, report_id, signature, now)
    if granted.makerspace.value != makerspace_value:
        raise Unauthenticated("download: the signature is of another makerspace")
    report = await find_report(database, granted.makerspace, granted.report)
    if report.status is ReportStatus.EXPIRED:
        raise _gone()
    if report.status is not ReportStatus.COMPLETED:
        raise no_such_report()
    if report.file is None:
        raise _gone()
    return OpenedDownload(report.file, await _stored(storage, granted.makerspace, report.file))


async def _stored(storage: Storage, makerspace: MakerspaceId, file: ReportFile) -> StoredFile:
    try:
        stored = await storage.open(makerspace, file.id)
    except StorageError as error:
        log.exception("report file not readable", file_id=str(file.id))
        raise Unavailable("The file cannot be read at the moment; please try again.") from error
    if stored is None:
        raise _gone()
    if stored.size_bytes != file.size_bytes:
        stored.close()
        log.error("report file changed", file_id=str(file.id), size_bytes=stored.size_bytes)
        raise _gone()
    return stored


def _gone() -> FileGone:
    return FileGone("The report's file is no longer kept; please ask for it again.", path=("id",))
