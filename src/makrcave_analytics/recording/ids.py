"""Ids under which facts are stored."""

import re
from collections.abc import Callable
from uuid import UUID, uuid5

from asyncpg.pgproto.pgproto import UUID as DriverUUID  # noqa: N811 - next to the other

from makrcave_analytics.models.fact_kind import FactKind

_read: Callable[[str], UUID] = DriverUUID
"""The driver's UUID class: a subclass of UUID that parses in a tenth of the time."""

_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def stored_id(makerspace_id: UUID, kind: FactKind, raw: str) -> UUID:
    """Return the UUID that a sender's id is stored as: itself, if it is a UUID in any case, else one of version 5."""
    return _read(raw) if _CANONICAL.fullmatch(raw) else uuid5(makerspace_id, f"{kind}:{raw}")


def line_ids(makerspace_id: UUID, sender: str, key: str) -> Callable[[int], UUID]:
    """Return a function from line numbers to ids, for lines without one: the same for the same sender and key."""
    body = uuid5(uuid5(makerspace_id, f"lines of {sender}"), key)
    return lambda number: uuid5(body, str(number))
