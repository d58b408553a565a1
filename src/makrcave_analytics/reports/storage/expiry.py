"""Deletes the files of expired reports, and files that no report names. Safe to repeat and to run in many workers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.models import deliveries, makerspaces, report_files, report_requests
from makrcave_analytics.reports.storage.base import Storage
from makrcave_analytics.reports.storage.shared_files import delete_files, release_files
from makrcave_analytics.reports.vocabulary import ReportStatus

log = telemetry.logger(__name__)

_request, _file = report_requests.c, report_files.c
_OVER = (_request.status == ReportStatus.COMPLETED, _request.expires_at <= func.now())


async def expire_reports(database: Database, storage: Storage) -> int:
    """Mark reports past their time as EXPIRED and delete their files; return the number of reports.

    A download that holds a file open reads it to its end; later ones find it gone.
    """
    viewer, expired = Viewer.system("reports expire"), 0
    async with database.across() as connection:
        found = select(_request.makerspace_id).where(*_OVER).distinct()
        values: Sequence[UUID] = (await connection.execute(found)).scalars().all()
    for value in values:
        makerspace = viewer.makerspace(value)
        async with database.write(makerspace) as connection:
            ended = await _expire(connection, value)
            gone = await release_files(connection, makerspace, sorted({row.file_id for row in ended if row.file_id}))
        await delete_files(storage, makerspace, gone)
        expired += len(ended)
        log.info("reports expired", makerspace_id=str(value), reports=len(ended), files=len(gone))
    return expired


async def _expire(connection: AsyncConnection, makerspace: UUID) -> Sequence[Row[Any]]:
    """Mark reports past their time, and delete their sent notifications."""
    over = update(report_requests).where(_request.makerspace_id == makerspace, *_OVER)
    ended = await connection.execute(over.values(status=ReportStatus.EXPIRED).returning(_request.id, _request.file_id))
    rows = ended.all()
    sent = (deliveries.c.makerspace_id == makerspace, deliveries.c.next_attempt_at.is_(None))
    await connection.execute(delete(deliveries).where(*sent, deliveries.c.report_id.in_([row.id for row in rows])))
    return rows


async def sweep_orphans(database: Database, storage: Storage, older_than_seconds: float) -> int:
    """Delete unfinished files, and finished ones that no row names; return their number.

    Files of makerspaces that are not in this database stay: they belong to another installation.
    """
    swept = await storage.sweep(older_than_seconds)
    by_makerspace: dict[UUID, list[UUID]] = defaultdict(list)
    async for value, file_id in storage.finished(older_than_seconds):
        by_makerspace[value].append(file_id)
    viewer = Viewer.system("files that no report names")
    for value, file_ids in by_makerspace.items():
        makerspace = viewer.makerspace(value)
        orphans = await _unnamed(database, makerspace, file_ids)
        await delete_files(storage, makerspace, orphans)
        swept += len(orphans)
    if swept:
        log.info("orphans swept", files=swept)
    return swept


async def _unnamed(database: Database, makerspace: MakerspaceId, file_ids: list[UUID]) -> list[UUID]:
    # Read from the primary: a replica may lack the newest files.
    async with database.write(makerspace) as connection:
        if await connection.scalar(select(makerspaces.c.id).where(makerspaces.c.id == makerspace.value)) is None:
            return []
        named = select(_file.id).where(_file.makerspace_id == makerspace.value, _file.deleted_at.is_(None))
        kept = set((await connection.execute(named)).scalars())
    return [file_id for file_id in file_ids if file_id not in kept]
