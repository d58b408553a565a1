"""People who were erased: facts and entities that name them are refused."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import Conflict


async def erased_of(
    connection: Any, makerspace: MakerspaceId, people: Iterable[str], tombstone: Callable[[UUID, str], bytes]
) -> set[str]:
    """Return those of these people who were erased. Read under the lock, so that no erasure comes in between."""
    digests = {tombstone(makerspace.value, person): person for person in people}
    if not digests:
        return set()
    rows = await connection.fetch(
        "SELECT digest FROM tombstones WHERE makerspace_id = $1 AND digest = ANY ($2::bytea[])",
        makerspace.value,
        list(digests),
    )
    return {digests[row["digest"]] for row in rows}


def was_erased(field: str) -> Conflict:
    """Return the error of an input that names an erased person."""
    return Conflict("This person was erased, and is not recorded again.", path=(field,))
