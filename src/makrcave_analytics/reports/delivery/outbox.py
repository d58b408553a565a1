"""Rows of notifications that are owed: claimed by lease and attempt, settled by the worker that holds the claim.

Delivery is at least once; a recipient recognizes a repetition by the delivery's id. Times are the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.models import deliveries

LEASE = timedelta(minutes=3)
"""Longer than sending one notification may take."""
MAX_CLAIMED = 20
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200, 21600, 43200))
"""The pause after each failed attempt. After the last, the delivery is given up: about a day in all."""
MAX_ERROR_LENGTH = 300

_delivery = deliveries.c
_DUE = and_(
    _delivery.next_attempt_at <= func.now(),
    or_(_delivery.lease_until.is_(None), _delivery.lease_until < func.now()),
)


@dataclass(frozen=True)
class Delivery:
    """One notification to one recipient, claimed by this worker."""

    makerspace: MakerspaceId
    id: UUID
    report_id: UUID
    kind: str
    target: str
    attempts: int
    """The number of attempts, this one included. It is the fencing token."""


async def claim_due(database: Database) -> Sequence[Delivery]:
    """Claim notifications that are due, at most MAX_CLAIMED of each makerspace. Each goes to one worker."""
    async with database.across() as connection:
        found = select(_delivery.makerspace_id).where(_DUE).distinct()
        values: Sequence[UUID] = (await connection.execute(found)).scalars().all()
    viewer = Viewer.system("notifications that are owed")
    claimed: list[Delivery] = []
    for value in values:
        claimed += await _claim(database, viewer.makerspace(value))
    return claimed


async def _claim(database: Database, makerspace: MakerspaceId) -> list[Delivery]:
    ours = _delivery.makerspace_id == makerspace.value
    few = select(_delivery.id).where(ours, _DUE).order_by(_delivery.next_attempt_at).limit(MAX_CLAIMED)
    taken = (
        update(deliveries)
        .where(ours, _delivery.id.in_(few), _DUE)
        .values(lease_until=func.now() + LEASE, attempts=_delivery.attempts + 1)
        .returning(_delivery.id, _delivery.report_id, _delivery.kind, _delivery.target, _delivery.attempts)
    )
    async with database.write(makerspace) as connection:
        return [Delivery(makerspace, *row) for row in await connection.execute(taken)]


async def delivered(database: Database, delivery: Delivery) -> None:
    """Mark a notification as delivered."""
    await _settle(database, delivery, {"next_attempt_at": None, "delivered_at": func.now(), "last_error": None})


async def not_delivered(database: Database, delivery: Delivery, why: str, *, permanent: bool = False) -> bool:
    """Schedule the next attempt, or give up; return whether it will be tried again. `permanent`: give up now."""
    is_over = permanent or delivery.attempts > len(PAUSES)
    later = None if is_over else func.now() + PAUSES[delivery.attempts - 1]
    failed_at = func.now() if is_over else None
    values = {"next_attempt_at": later, "failed_at": failed_at, "last_error": why[:MAX_ERROR_LENGTH]}
    await _settle(database, delivery, values)
    return not is_over


async def _settle(database: Database, delivery: Delivery, values: dict[str, Any]) -> None:
    held = (
        _delivery.makerspace_id == delivery.makerspace.value,
        _delivery.id == delivery.id,
        _delivery.attempts == delivery.attempts,
    )
    async with database.write(delivery.makerspace) as connection:
        await connection.execute(update(deliveries).where(*held).values(values | {"lease_until": None}))
