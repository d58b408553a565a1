"""The ids that facts are stored under."""

import re
from collections.abc import Callable
from uuid import UUID, uuid5

from asyncpg.pgproto.pgproto import UUID as DriverUUID  # noqa: N811 - beside the other

from makrcave_analytics.models.fact_kind import FactKind

_read: Callable[[str], UUID] = DriverUUID
"""The driver's own UUID is one, equal to any other, and takes a tenth of the time."""


_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def stored_id(makerspace_id: UUID, kind: FactKind, raw: str) -> UUID:
    """Give the UUID that a caller's id is kept as: itself, where it is one in either case, else one of version 5."""
    return _read(raw) if _CANONICAL.fullmatch(raw) else uuid5(makerspace_id, f"{kind}:{raw}")


def line_ids(makerspace_id: UUID, sender: str, key: str) -> Callable[[int], UUID]:
    """Give the ids of lines that have none of their own: the same for the same sender, key and number of a line."""
    body = uuid5(uuid5(makerspace_id, f"lines of {sender}"), key)
    return lambda number: uuid5(body, str(number))
