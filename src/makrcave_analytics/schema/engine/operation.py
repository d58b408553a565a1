"""What a door hands to the schema and what it gets back. Knows neither HTTP nor WebSocket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One request, as its client sent it: of the right kinds, nothing else about it is checked yet."""

    query: str
    variables: dict[str, Any] | None
    name: str | None
    """Which of the document's operations; None: the only one."""
    read_only: bool
    """Whether mutations are refused, because the door is one that others can push a person through: GET."""


class OutcomeKind(StrEnum):
    """How it went, as far as a door needs to know for its status."""

    ANSWERED = "ANSWERED"
    """It was executed; fields may have failed one by one."""
    REFUSED = "REFUSED"
    """It never ran: the document or its variables are not acceptable. Errors and no data."""
    UNAVAILABLE = "UNAVAILABLE"
    """Every root field failed because the database is away."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, ready to be written as JSON."""

    body: dict[str, Any]
    kind: OutcomeKind
