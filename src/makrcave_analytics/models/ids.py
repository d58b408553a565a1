"""New ids. Time and randomness are passed in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

RANDOM_BYTES = 10
"""Random bytes that a new id takes."""

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
