"""MakerspaceId: proof that somebody was allowed in. Only this package mints it; a test holds the rest to that."""

import re
from dataclasses import InitVar, dataclass
from typing import Any, NoReturn, final
from uuid import UUID

from makrcave_analytics.errors import NotFound

_WARRANT = object()
_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@final
@dataclass(frozen=True, slots=True)
class MakerspaceId:
    """A makerspace that the holder may touch. Its str() is the canonical UUID, safe to quote."""

    value: UUID
    warrant: InitVar[object]

    def __post_init__(self, warrant: object) -> None:
        if warrant is not _WARRANT:
            raise TypeError("A MakerspaceId comes from a Viewer or a verified download, and from nothing else")

    def __str__(self) -> str:
        return str(self.value)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: what comes back would not have been checked."""
        raise TypeError("A MakerspaceId is not carried between processes; send its value and mint it there")

    def __copy__(self) -> "MakerspaceId":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "MakerspaceId":
        return self


def mint(value: UUID) -> MakerspaceId:
    """Make the id. For the viewer and the verified download of this package."""
    return MakerspaceId(value, _WARRANT)


def parse_uuid(raw: object) -> UUID | None:
    """Read a canonical UUID in either case; None for everything else, braces and urn: included."""
    if isinstance(raw, UUID):
        return raw
    return UUID(raw) if isinstance(raw, str) and _CANONICAL.fullmatch(raw) else None


def no_such_makerspace() -> NotFound:
    """Make the one answer for malformed, unknown and foreign ids."""
    return NotFound("No such makerspace.", path=("makerspaceId",))
