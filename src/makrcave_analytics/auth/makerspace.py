"""MakerspaceId: proof that access was checked. Only this package mints it, which a test enforces."""

import re
from dataclasses import InitVar, dataclass
from typing import Any, NoReturn, final
from uuid import UUID

from makrcave_analytics.errors import NotFound

_PROOF = object()
_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@final
@dataclass(frozen=True, slots=True)
class MakerspaceId:
    """The id of a makerspace that may be accessed. Its str() is the canonical UUID, safe to quote in SQL."""

    value: UUID
    proof: InitVar[object]

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("A MakerspaceId comes only from a Viewer or a verified download")

    def __str__(self) -> str:
        return str(self.value)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: access would not be checked when it is loaded."""
        raise TypeError("A MakerspaceId cannot be sent between processes; send its value and mint it there")

    def __copy__(self) -> "MakerspaceId":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "MakerspaceId":
        return self


def mint(value: UUID) -> MakerspaceId:
    """Make the id. Only for the viewer and the verified download in this package."""
    return MakerspaceId(value, _PROOF)


def parse_uuid(raw: object) -> UUID | None:
    """Parse a canonical UUID in upper or lower case; None for everything else, also for braces and urn:."""
    if isinstance(raw, UUID):
        return raw
    return UUID(raw) if isinstance(raw, str) and _CANONICAL.fullmatch(raw) else None


def no_such_makerspace() -> NotFound:
    """Return the one error for malformed, unknown and foreign ids."""
    return NotFound("No such makerspace.", path=("makerspaceId",))
