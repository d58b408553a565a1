"""Claims of makerspaces to close, by a lease each. Times are the database's.

The keys of the figures ensure that nothing is stored twice; a claim only saves workers from the same work.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database, driver

LEASE_SECONDS = 60

# Makerspaces with an ended day after the one that was closed last.
_CANDIDATES = """
    SELECT m.id, m.yesterday
    FROM (SELECT id, ($1::timestamptz AT TIME ZONE time_zone)::date - 1 AS yesterday FROM makerspaces) m
    LEFT JOIN closings c ON c.makerspace_id = m.id
    WHERE (c.closed_on IS NULL OR c.closed_on < m.yesterday) AND (c.lease_until IS NULL OR c.lease_until < now())
    ORDER BY m.id
"""
_CLAIM = """
    INSERT INTO closings (makerspace_id, attempts, lease_until)
    SELECT m.id, 1, now() + $2::interval FROM makerspaces m WHERE m.id = $1
    ON CONFLICT (makerspace_id) DO UPDATE
        SET attempts = closings.attempts + 1, lease_until = excluded.lease_until
        WHERE (closings.lease_until IS NULL OR closings.lease_until < excluded.lease_until - $2::interval)
          AND (closings.closed_on IS NULL OR closings.closed_on < $3::date)
    RETURNING attempts
"""
_RENEW = """
    UPDATE closings SET lease_until = now() + $3::interval
    WHERE makerspace_id = $1 AND attempts = $2 AND lease_until IS NOT NULL
"""
_END = """
    UPDATE closings SET lease_until = NULL, closed_on = greatest(closed_on, $3::date)
    WHERE makerspace_id = $1 AND attempts = $2
"""


@dataclass(frozen=True)
class ClosingClaim:
    """The right of one worker to close a makerspace's days, while its lease is renewed."""

    database: Database
    makerspace: MakerspaceId
    attempt: int
    """The fencing token."""
    lease_seconds: float

    async def renew(self) -> bool:
        """Renew the lease; False where another worker has claimed it."""
        return await self._changes(_RENEW, timedelta(seconds=self.lease_seconds))

    async def end(self, closed_on: date | None) -> None:
        """Release the claim. `closed_on`: the day up to which all is closed; None: no further than before."""
        await self._changes(_END, closed_on)

    async def _changes(self, statement: str, value: object) -> bool:
        async with self.database.write(self.makerspace) as transaction:
            connection = await driver(transaction)
            status = await connection.execute(statement, self.makerspace.value, self.attempt, value)
        return str(status).endswith(" 1")


async def candidates(database: Database, now: datetime) -> list[tuple[MakerspaceId, date]]:
    """List unclaimed makerspaces that have something to close, each with its local yesterday."""
    async with database.across() as transaction:
        rows = await (await driver(transaction)).fetch(_CANDIDATES, now)
    viewer = Viewer.system("closing figures")
    return [(viewer.makerspace(row["id"]), row["yesterday"]) for row in rows]


async def claim_closing(
    database: Database, makerspace: MakerspaceId, yesterday: date, *, lease_seconds: float = LEASE_SECONDS
) -> ClosingClaim | None:
    """Claim a makerspace; None where another worker holds it, or it is closed up to yesterday."""
    async with database.write(makerspace) as transaction:
        connection = await driver(transaction)
        attempt = await connection.fetchval(_CLAIM, makerspace.value, timedelta(seconds=lease_seconds), yesterday)
    return None if attempt is None else ClosingClaim(database, makerspace, attempt, lease_seconds)
