"""Runs one report from its claim to its end. An incomplete file is never visible.

The file is written under an id of this attempt, made durable, verified, and only then committed. A worker that lost
its claim deletes the file of its own attempt only.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.config import MIN_GROUP_SIZE
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Unavailable
from makrcave_analytics.models.makerspace import read_makerspace
from makrcave_analytics.reports.content.context import Progress, ReportJob
from makrcave_analytics.reports.jobs import claims
from makrcave_analytics.reports.jobs.claims import ReportClaim
from makrcave_analytics.reports.jobs.verification import verify_file
from makrcave_analytics.reports.rendering.file_names import file_name
from makrcave_analytics.reports.rendering.registry import format_of
from makrcave_analytics.reports.rendering.render import build
from makrcave_analytics.reports.report import Report, ReportFile
from makrcave_analytics.reports.storage.base import Label, Storage, StorageError, StoredFacts
from makrcave_analytics.reports.storage.shared_files import delete_files

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class ReportRunner:
    """Renders reports and stores their files."""

    database: Database
    storage: Storage
    keep_for: timedelta
    """How long a file can be downloaded."""
    lease_seconds: float = 30
    renew_seconds: float = 10
    beat_seconds: float = 1
    """The pause between heartbeats, which store new progress."""
    min_group_size: int = MIN_GROUP_SIZE
    """The fewest people of a group that is shown to those who may not see people."""

    async def make(self, makerspace: MakerspaceId, report_id: UUID) -> bool:
        """Render a report that is pending or whose worker was lost; False where it is neither.

        Errors of the report are stored in its row and not raised. A cancelled call gives the report back.

        Raises: Unavailable where PostgreSQL is away before the report was claimed.
        """
        claim = await claims.claim_report(self.database, makerspace, report_id, lease_seconds=self.lease_seconds)
        if claim is None:
            return False
        log.info("report claimed", **_log_fields(claim))
        try:
            await self._settle(claim)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(claim))
            raise
        return True

    async def _settle(self, claim: ReportClaim) -> None:
        """Write the file and commit it, or the error why there is none."""
        try:
            await self._discard(claim, range(claim.first_attempt, claim.attempt))
            file = await self._write_while_kept(claim)
            if file is None or not await claims.complete(self.database, claim, file.facts, file.version, self.keep_for):
                log.warning("report lost to another worker, or cancelled", **_log_fields(claim))
                await self._discard(claim, range(claim.attempt, claim.attempt + 1))
                return
            log.info("report completed", rows=file.facts.rows, size_bytes=file.facts.size_bytes, **_log_fields(claim))
        except Unavailable:
            log.warning("report interrupted: the database is away", **_log_fields(claim))
            await self._retry(claim, "UNAVAILABLE")
        except AnalyticsError as error:
            log.info("report refused", code=error.code, **_log_fields(claim))
            await self._fail(claim, error.code, error.message)
        except StorageError:
            log.exception("report not stored", **_log_fields(claim))
            await self._discard(claim, range(claim.attempt, claim.attempt + 1))
            await self._fail(claim, "STORAGE_FAILED", "The report could not be stored. Please ask for it again later.")
        except Exception:
            log.exception("report failed", **_log_fields(claim))
            await self._retry(claim, "INTERNAL")

    async def _write_while_kept(self, claim: ReportClaim) -> "_File | None":
        """Write the file while the lease is renewed; None where the claim was lost first.

        Nothing is committed here, so the lease can only be ended by another worker or by a person.
        """
        progress = Progress()
        writing = asyncio.create_task(self._write(claim, progress))
        keeping = asyncio.create_task(self._keep(claim, progress))
        try:
            await asyncio.wait({writing, keeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(keeping, writing)
        if writing.cancelled():
            keeping.result()  # raises what ended it, where that was an error
            return None
        return writing.result()

    async def _write(self, claim: ReportClaim, progress: Progress) -> "_File":
        report, file_id = claim.report, _file_id(claim, claim.attempt)
        content_type = format_of(report.format).content_type
        label = Label(await self._name(report), content_type)
        async with self.storage.writing(report.makerspace, file_id, label) as sink:
            made = await build(ReportJob(self.database, report, sink, progress, self.min_group_size))
            stored = await sink.finish()
        await self._verify(claim, stored, made.rows)
        facts = ReportFile(file_id, made.name, content_type, stored.size_bytes, made.rows, stored.sha256)
        return _File(facts, made.data_version)

    async def _name(self, report: Report) -> str:
        async with self.database.read(report.makerspace) as connection:
            return file_name(report, await read_makerspace(connection, report.makerspace))

    async def _verify(self, claim: ReportClaim, written: StoredFacts, rows: int) -> None:
        stored = await self.storage.open(claim.report.makerspace, _file_id(claim, claim.attempt))
        if stored is None:
            raise StorageError("what was written is not there")
        try:
            await verify_file(stored, written, claim.report.format, rows)
        finally:
            stored.close()

    async def _discard(self, claim: ReportClaim, attempts: range) -> None:
        """Delete the files of attempts that were never committed, finished or not."""
        await delete_files(self.storage, claim.report.makerspace, [_file_id(claim, attempt) for attempt in attempts])

    async def _retry(self, claim: ReportClaim, code: str) -> None:
        if claim.is_last:
            reference = telemetry.request_id() or claim.report.id
            await self._fail(claim, code, f"The report could not be made. Reference for support: {reference}.")
        else:
            await self._give_back(claim)

    async def _fail(self, claim: ReportClaim, code: str, message: str) -> None:
        try:
            await claims.fail(self.database, claim, code, message)
        except Unavailable:
            log.warning("the database is away: the lease runs out", **_log_fields(claim))

    async def _give_back(self, claim: ReportClaim) -> None:
        try:
            if await claims.give_back(self.database, claim):
                log.info("report given back", **_log_fields(claim))
        except Unavailable:
            log.warning("the database is away: the lease runs out", **_log_fields(claim))

    async def _keep(self, claim: ReportClaim, progress: Progress) -> None:
        """Renew the lease and store the progress; returns when the claim is lost."""
        clock = asyncio.get_running_loop().time
        renewed_at = clock()
        stored: tuple[float, str | None] = (0.0, None)
        while clock() - renewed_at < claim.lease_seconds:
            await asyncio.sleep(self.beat_seconds)
            now = (progress.fraction, progress.stage)
            is_due = now != stored or clock() - renewed_at >= self.renew_seconds
            began = clock()
            try:
                if not is_due:
                    if not await claims.is_held(self.database, claim):
                        return
                    continue
                if not await claims.renew(self.database, claim, *now):
                    return
            except Unavailable:
                continue
            renewed_at, stored = began, now


@dataclass(frozen=True)
class _File:
    facts: ReportFile
    version: int


async def _end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait for their end, even when this task is cancelled itself."""
    for task in tasks:
        task.cancel()
    await asyncio.shield(asyncio.gather(*tasks, return_exceptions=True))


def _file_id(claim: ReportClaim, attempt: int) -> UUID:
    return uuid5(claim.report.id, str(attempt))


def _log_fields(claim: ReportClaim) -> dict[str, object]:
    report = claim.report
    return {
        "report_id": str(report.id),
        "makerspace_id": str(report.makerspace),
        "type": report.type,
        "format": report.format,
        "attempt": claim.attempt,
    }
