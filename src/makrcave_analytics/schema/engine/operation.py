"""An operation and its outcome as values, independent of HTTP and WebSocket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One request as the client sent it. Only the types of its parameters are checked."""

    query: str
    variables: dict[str, Any] | None
    name: str | None
    """The name of the operation in the document. None: the document has one."""
    read_only: bool
    """Mutations are refused. Set for GET, which other sites can make a browser send."""


class OutcomeKind(StrEnum):
    """The kind of an outcome, which decides the HTTP status."""

    ANSWERED = "ANSWERED"
    """Executed. Single fields may have failed."""
    REFUSED = "REFUSED"
    """Not executed, because of the document or its variables. Errors and no data."""
    UNAVAILABLE = "UNAVAILABLE"
    """Every root field failed because the database is unavailable."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of an operation, ready to be written as JSON."""

    body: dict[str, Any]
    kind: OutcomeKind
