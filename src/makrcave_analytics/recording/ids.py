"""The ids of facts. Time and randomness come in from outside."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from asyncpg.pgproto.pgproto import UUID as DriverUUID  # noqa: N811 - beside the other

from makrcave_analytics.recording.outcome import FactKind

_read: Callable[[str], UUID] = DriverUUID
"""The driver's own UUID is one, equal to any other, and takes a tenth of the time."""

RANDOM_BYTES = 10
"""How many each new id takes."""

_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_LOW_62 = (1 << 62) - 1


def fresh_id(now: datetime, random: bytes) -> UUID:
    """Make a UUID of version 7 (RFC 9562): milliseconds of Unix time, then 74 of the 80 random bits."""
    noise = int.from_bytes(random)
    milliseconds = (now - _EPOCH) // _MILLISECOND
    return UUID(int=milliseconds << 80 | _VERSION_7 | noise >> 68 << 64 | _VARIANT | noise & _LOW_62)


def stored_id(makerspace_id: UUID, kind: FactKind, raw: str) -> UUID:
    """Give the UUID that a caller's id is kept as: itself, where it is one in either case, else one of version 5."""
    return _read(raw) if _CANONICAL.fullmatch(raw) else uuid5(makerspace_id, f"{kind}:{raw}")


def line_ids(makerspace_id: UUID, sender: str, key: str) -> Callable[[int], UUID]:
    """Give the ids of lines that have none of their own: the same for the same sender, key and number of a line."""
    body = uuid5(uuid5(makerspace_id, f"lines of {sender}"), key)
    return lambda number: uuid5(body, str(number))
