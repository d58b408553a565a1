"""Signed download links: each works without a token, for one report, until it expires."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from makrcave_analytics.auth.makerspace import MakerspaceId, mint, parse_uuid
from makrcave_analytics.crypto import Keys
from makrcave_analytics.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class DownloadGrant:
    """The report and makerspace that a verified signature gives access to."""

    makerspace: MakerspaceId
    report: UUID


def sign_download(keys: Keys, makerspace: MakerspaceId, report: UUID, until: datetime) -> str:
    """Return the signature for a link to a report's file, valid before `until` (whole seconds, exclusive)."""
    return keys.downloads.sign([str(makerspace), str(report)], until)


def open_download(keys: Keys, report: UUID | None, signature: str, now: datetime) -> DownloadGrant:
    """Verify a link's signature and mint its makerspace. `report` is the one in the link's path.

    Raises:
        Unauthenticated: the signature is forged, expired, or of another report.
    """
    payload = keys.downloads.verify(signature, now)
    if not isinstance(payload, list) or len(payload) != 2:
        raise Unauthenticated("download: unknown payload")
    makerspace, signed = map(parse_uuid, payload)
    if makerspace is None or signed is None or signed != report:
        raise Unauthenticated("download: the signature is of another report")
    return DownloadGrant(mint(makerspace), signed)
