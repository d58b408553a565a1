"""What clients may say: one JSON object a message, of a known type. Judges its shape and nothing else."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.web.body import decode
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.parameters import operation_of
from makrcave_analytics.web.socket.close_codes import malformed

MAX_ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Init:
    """The greeting, with whatever the client says of itself."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """Wants a pong."""


@dataclass(frozen=True, slots=True)
class Pong:
    """Wants nothing."""


@dataclass(frozen=True, slots=True)
class Start:
    """An operation, under the name that all its answers will carry."""

    id: str
    operation: Operation
    size_bytes: int
    """Of the whole message."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The client is no longer interested."""

    id: str


Message: TypeAlias = Init | Ping | Pong | Start | Stop


def read(text: str) -> Message:
    """Read one message.

    Raises: Closing, saying what is wrong with it.
    """
    try:
        said = decode(text)
        if not isinstance(said, dict):
            raise malformed("A message must be one JSON object.")
        return _message(said, text)
    except Refusal as refusal:
        raise malformed(refusal) from None


def _message(said: dict[str, Any], text: str) -> Message:
    match said.get("type"):
        case "connection_init":
            return Init(_payload(said) or {})
        case "ping":
            _payload(said)
            return Ping()
        case "pong":
            _payload(said)
            return Pong()
        case "subscribe":
            payload = _payload(said)
            if payload is None:
                raise malformed("payload must be an object.")
            return Start(_id(said), operation_of(payload), len(text.encode("utf-8", "replace")))
        case "complete":
            return Stop(_id(said))
    raise malformed("type must be connection_init, ping, pong, subscribe or complete.")


def _payload(said: dict[str, Any]) -> dict[str, Any] | None:
    payload = said.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise malformed("payload must be an object.")
    return payload


def _id(said: dict[str, Any]) -> str:
    value = said.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_LENGTH:
        raise malformed(f"id must be a text of 1 to {MAX_ID_LENGTH} characters.")
    return value
