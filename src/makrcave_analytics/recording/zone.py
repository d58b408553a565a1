"""A makerspace's change of zone: its days and hours begin elsewhere, so what was counted by them is counted anew."""

from zoneinfo import available_timezones

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, driver, sqlstate
from makrcave_analytics.errors import Conflict, Invalid
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.lock import NothingNew, lock, patiently
from makrcave_analytics.recording.rollups import rebuild

_INVALID_PARAMETER = "22023"


async def change_zone(database: Database, makerspace: MakerspaceId, zone: str, *, seconds: float = 600) -> int:
    """Set the zone and rebuild the roll-ups; give the data version in which both are to be seen.

    Writers of the makerspace wait meanwhile. The zone that it has already changes nothing.

    Raises: Invalid, NotFound, Unavailable; Conflict once old events were removed, as their days are fixed.
    """
    if zone not in available_timezones():
        raise _unknown()

    async def write() -> int:
        async with database.write(makerspace, seconds=seconds) as transaction:
            connection = await driver(transaction)
            locked = await lock(connection, makerspace, Section)
            if locked.time_zone == zone:
                raise NothingNew(locked.data_version - 1)
            if locked.events_kept_since is not None:
                raise Conflict("The time zone is fixed, as old events were removed.", path=("timeZone",))
            await connection.execute("UPDATE makerspaces SET time_zone = $2 WHERE id = $1", makerspace.value, zone)
            await rebuild(transaction, makerspace.value, zone)
        return locked.data_version

    try:
        return await patiently(write)
    except NothingNew as nothing:
        return int(nothing.answer)
    except Exception as error:
        if sqlstate(error) == _INVALID_PARAMETER:  # PostgreSQL brings a list of zones of its own
            raise _unknown() from error
        raise


def _unknown() -> Invalid:
    return Invalid("There is no such time zone.", path=("timeZone",))
