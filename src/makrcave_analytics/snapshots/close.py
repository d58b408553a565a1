"""Closes days, weeks and months: measures runs of them, each from one snapshot, and stores the figures once.

Each run is a transaction: when a worker ends, its stored runs stay and the next worker closes the rest. The data
version rises only where answers change: where levels of the past become known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, cast, func, select

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.metrics.execution.dataloader import DataLoader
from makrcave_analytics.metrics.execution.snapshot import MakerspaceSnapshot
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult
from makrcave_analytics.metrics.sources.sql.first_day import select_first_days
from makrcave_analytics.models import makerspaces
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Grain, local_day
from makrcave_analytics.period.days import DAY
from makrcave_analytics.recording.locking import NothingNew, in_transaction, lock
from makrcave_analytics.snapshots.claim import LEASE_SECONDS, ClosingClaim, candidates, claim_closing
from makrcave_analytics.snapshots.due import Ended, due_days, runs
from makrcave_analytics.snapshots.figures import LEVEL_SECTIONS, Figures, add_levels, measure
from makrcave_analytics.snapshots.kept import GRAINS, keep, select_days

log = telemetry.logger(__name__)

IN_TIME = timedelta(hours=1)
"""How long after midnight present levels are taken for those at midnight."""
LONGEST = {Grain.DAY: 31, Grain.WEEK: 13, Grain.MONTH: 12}
"""The most days, weeks or months that are measured at once."""
STATEMENT_SECONDS = 60


async def close_due(database: Database, clock: Callable[[], datetime], *, lease_seconds: float = LEASE_SECONDS) -> int:
    """Close what has ended in every unclaimed makerspace; return the number of figures stored.

    An error in one makerspace is logged and does not affect the others.

    Raises: Unavailable.
    """
    kept = 0
    for makerspace, yesterday in await candidates(database, clock()):
        held = await claim_closing(database, makerspace, yesterday, lease_seconds=lease_seconds)
        if held is None:
            continue
        try:
            kept += await Closer(database, makerspace, held, clock()).close()
        except Unavailable:
            raise
        except Exception:
            log.exception("closing failed", makerspace_id=str(makerspace))
    return kept


@dataclass(frozen=True)
class Closer:
    """Closes one makerspace."""

    database: Database
    makerspace: MakerspaceId
    claim: ClosingClaim
    now: datetime

    async def close(self) -> int:
        """Close everything that has ended; return the number of new figures."""
        kept = 0
        for grain in GRAINS:
            for run in await self._due(grain):
                if not await self.claim.renew():
                    return kept
                kept += await self._close(grain, run)
        await self.claim.end(await self._yesterday())
        if kept:
            log.info("closed", makerspace_id=str(self.makerspace), figures=kept)
        return kept

    async def _due(self, grain: Grain) -> list[list[Ended]]:
        async with self._snapshot() as snapshot:
            makerspace = await snapshot.makerspace()
            rows = await snapshot.fetch(select_days(makerspace.id, grain))
            (first,) = await snapshot.fetch(_first_day(makerspace))
        kept = [(row["start_date"], row["end_date"]) for row in rows]
        return runs(due_days(grain, makerspace.calendar, first["day"], self.now, kept), LONGEST[grain])

    async def _close(self, grain: Grain, run: list[Ended]) -> int:
        async with self._snapshot() as snapshot:
            makerspace = await snapshot.makerspace()
            answer = DataLoader[MeasureQuery, MeasureResult](snapshot.answer).load
            figures = await measure(makerspace, grain, run, self.now, answer)
            has_levels = grain is Grain.DAY and self.now - run[-1].bucket.span.until <= IN_TIME
            if has_levels:
                await add_levels(figures[-1], makerspace, run[-1], answer)
        return await self._keep(grain, run, figures, makerspace.data_version, has_levels=has_levels)

    async def _keep(
        self, grain: Grain, run: list[Ended], figures: list[Figures], version: int, *, has_levels: bool
    ) -> int:
        async def write(connection: Any) -> int:
            if has_levels:
                await lock(connection, self.makerspace, LEVEL_SECTIONS)
            kept = await keep(connection, self.makerspace.value, grain, run, figures, version, self.now)
            if not kept:
                raise NothingNew(0)
            return kept

        return await in_transaction(self.database, self.makerspace, write)

    async def _yesterday(self) -> date:
        async with self._snapshot() as snapshot:
            return local_day(self.now, (await snapshot.makerspace()).calendar.zone) - DAY

    def _snapshot(self) -> MakerspaceSnapshot:
        return MakerspaceSnapshot(self.database, self.makerspace, seconds=STATEMENT_SECONDS)


def _first_day(makerspace: Makerspace) -> Any:
    """Select the first local day to close: that of the first fact, or of the makerspace's creation."""
    zone, tenant = makerspace.time_zone, makerspace.id
    created = select(cast(func.timezone(zone, makerspaces.c.created_at), Date)).where(makerspaces.c.id == tenant)
    firsts = [created, *select_first_days(tenant, zone, with_voided=True)]
    return select(func.least(*(first.scalar_subquery() for first in firsts)).label("day"))
