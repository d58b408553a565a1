"""Changes a makerspace's time zone, and rebuilds the roll-ups by its new days and hours."""

from typing import Any
from zoneinfo import available_timezones

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, sqlstate
from makrcave_analytics.errors import Conflict, Invalid
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.locking import Locked, NothingNew, in_transaction, lock
from makrcave_analytics.recording.rollups.definitions import rebuild_on

_INVALID_PARAMETER = "22023"


async def change_zone(database: Database, makerspace: MakerspaceId, zone: str, *, seconds: float = 600) -> int:
    """Set the zone and rebuild the roll-ups; return the data version in which both are visible.

    Writers of the makerspace wait. Where the zone is the same, nothing changes.

    Raises: Invalid, NotFound, Unavailable; Conflict once old events were removed, as their days are fixed.
    """
    check_zone(zone)

    async def write(connection: Any) -> int:
        locked = await lock(connection, makerspace, Section)
        if locked.time_zone == zone:
            raise NothingNew(locked.data_version - 1)
        await set_zone(connection, makerspace, locked, zone)
        return locked.data_version

    return await in_transaction(database, makerspace, write, seconds=seconds)


def check_zone(zone: str) -> None:
    """Check the name of a zone.

    Raises: Invalid.
    """
    if zone not in available_timezones():
        raise _unknown()


async def set_zone(connection: Any, makerspace: MakerspaceId, locked: Locked, zone: str) -> None:
    """Set another zone under the lock, and rebuild the roll-ups. This may take long.

    Raises: Invalid; Conflict once old events were removed.
    """
    if locked.events_kept_since is not None:
        raise Conflict("The time zone is fixed, as old events were removed.", path=("timeZone",))
    try:
        await connection.execute("UPDATE makerspaces SET time_zone = $2 WHERE id = $1", makerspace.value, zone)
        await rebuild_on(connection, makerspace.value, zone)
    except Exception as error:
        if sqlstate(error) == _INVALID_PARAMETER:  # PostgreSQL has its own list of zones
            raise _unknown() from error
        raise


def _unknown() -> Invalid:
    return Invalid("There is no such time zone.", path=("timeZone",))
