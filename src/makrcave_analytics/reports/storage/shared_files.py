"""Files that reports share: found by their key, kept while a living report names them, released after the last.

Sharing a file and releasing it both lock its row, so that each sees the other's change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.models import report_files, report_requests
from makrcave_analytics.reports.storage.base import Storage, StorageError
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

_request, _file = report_requests.c, report_files.c
LIVING: ColumnElement[bool] = and_(_request.status == ReportStatus.COMPLETED, _request.expires_at > func.now())
"""A report whose file can be downloaded."""


@dataclass(frozen=True)
class SharedFile:
    """An existing file, until when its report lives, and the data version that it was made from."""

    file_id: UUID
    expires_at: datetime
    data_version: int


async def find_shared(connection: AsyncConnection, makerspace: MakerspaceId, key: bytes) -> SharedFile | None:
    """Find a living file by its key, and lock it against release until the transaction ends."""
    named = and_(_request.makerspace_id == _file.makerspace_id, _request.file_id == _file.id)
    found = await connection.execute(
        select(_file.id, _request.expires_at, _file.data_version)
        .join_from(report_files, report_requests, named)
        .where(_file.makerspace_id == makerspace.value, _file.sharing_key == key, _file.deleted_at.is_(None), LIVING)
        .order_by(_file.created_at.desc())
        .limit(1)
        .with_for_update(of=report_files)
    )
    row = found.one_or_none()
    return SharedFile(*row) if row else None


def completed_with(found: SharedFile) -> dict[str, Any]:
    """Return the columns of a report that is completed at once with an existing file."""
    return {
        "status": ReportStatus.COMPLETED,
        "progress": 1.0,
        "completed_at": func.now(),
        "expires_at": found.expires_at,
        "file_id": found.file_id,
        "data_version": found.data_version,
    }


async def release_files(connection: AsyncConnection, makerspace: MakerspaceId, file_ids: Sequence[UUID]) -> list[UUID]:
    """Mark files as deleted that no living report names any more; return them, to be deleted after COMMIT."""
    ours = and_(_file.makerspace_id == makerspace.value, _file.id.in_(file_ids), _file.deleted_at.is_(None))
    await connection.execute(select(_file.id).where(ours).order_by(_file.id).with_for_update())
    # A separate statement, because its snapshot must be newer than the locks.
    named = select(_request.id).where(_request.makerspace_id == makerspace.value, _request.file_id == _file.id, LIVING)
    gone = update(report_files).where(ours, ~named.exists()).values(deleted_at=func.now()).returning(_file.id)
    return list((await connection.execute(gone)).scalars())


async def delete_files(storage: Storage, makerspace: MakerspaceId, file_ids: Sequence[UUID]) -> None:
    """Delete released files. Where the storage fails, the sweep deletes them later."""
    for file_id in file_ids:
        try:
            await storage.delete(makerspace, file_id)
        except StorageError:
            log.exception("report file not deleted", makerspace_id=str(makerspace), file_id=str(file_id))
