"""Messages from clients: one JSON object each, of a known type. Checks their shape and nothing else."""

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
    """connection_init, with the client's payload."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping, to be answered by a pong."""


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong, which needs no answer."""


@dataclass(frozen=True, slots=True)
class Start:
    """An operation to run, with the id that all its answers carry."""

    id: str
    operation: Operation
    size_bytes: int
    """The size of the whole message."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The client wants no more answers."""

    id: str


Message: TypeAlias = Init | Ping | Pong | Start | Stop


def read(text: str) -> Message:
    """Read one message.

    Raises: CloseWith, saying what is wrong with it.
    """
    try:
        sent = decode(text)
        if not isinstance(sent, dict):
            raise malformed("A message must be one JSON object.")
        return _message(sent, text)
    except Refusal as refusal:
        raise malformed(refusal) from None


def _message(sent: dict[str, Any], text: str) -> Message:
    match sent.get("type"):
        case "connection_init":
            return Init(_payload(sent) or {})
        case "ping":
            _payload(sent)
            return Ping()
        case "pong":
            _payload(sent)
            return Pong()
        case "subscribe":
            payload = _payload(sent)
            if payload is None:
                raise malformed("payload must be an object.")
            return Start(_id(sent), operation_of(payload), len(text.encode("utf-8", "replace")))
        case "complete":
            return Stop(_id(sent))
    raise malformed("type must be connection_init, ping, pong, subscribe or complete.")


def _payload(sent: dict[str, Any]) -> dict[str, Any] | None:
    payload = sent.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise malformed("payload must be an object.")
    return payload


def _id(sent: dict[str, Any]) -> str:
    value = sent.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID_LENGTH:
        raise malformed(f"id must be a text of 1 to {MAX_ID_LENGTH} characters.")
    return value
