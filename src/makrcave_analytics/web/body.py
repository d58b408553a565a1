"""Reads the bodies of POST requests, within limits of size, time and nesting."""

import asyncio
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.web.http_error import Refusal

MAX_LEVELS = 500
"""Nested arrays and objects: far more than any field needs, far fewer than the recursion limit."""
MAX_DIGITS = 1_000

_UTF8 = r'\s*(?:;\s*charset\s*=\s*("utf-?8"|utf-?8)\s*)?;?'
CLOSE = {"connection": "close"}
"""For answers sent before the whole body arrived. The connection cannot be used again."""


class BodyKind(StrEnum):
    """The accepted media types of a body. Always UTF-8."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"


_KINDS = {kind: re.compile(re.escape(kind) + _UTF8, re.IGNORECASE) for kind in BodyKind}


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, and how long it may take to arrive."""

    size_bytes: int = 2 * 1024 * 1024
    query_size_bytes: int = 64 * 1024
    """For bodies that hold no mutation."""
    query_string_size_bytes: int = 16 * 1024
    seconds: float = 10.0
    """For a whole body; in NDJSON for each line."""
    line_size_bytes: int = 64 * 1024
    """For one line of NDJSON. The body may have any length."""


async def read(request: Request, limits: BodyLimits) -> bytes:
    """Read a JSON body, up to the allowed size.

    Raises:
        Refusal: 415 for another kind, 413 for too large, 408 for too slow. The connection is then closed.
    """
    kind_of(request.headers, BodyKind.JSON)
    if _declared_size(request.headers) > limits.size_bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _receive(request, limits)
    except TimeoutError:
        raise too_slow() from None
    except ClientDisconnect:
        raise cut_off() from None


def decode(text: bytes | str) -> Any:
    """Decode strict JSON: UTF-8 only, nothing after the value, neither NaN nor Infinity.

    Raises:
        Refusal: 400, saying what is wrong with it.
    """
    try:
        string = text if isinstance(text, str) else text.decode("utf-8")
        value = json.loads(string, parse_constant=_refuse_constant, parse_int=_whole)
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    except RecursionError:
        raise _malformed("The JSON is nested too deeply.") from None
    except ValueError:
        raise _malformed("The JSON cannot be read.") from None
    if _levels(value) > MAX_LEVELS:
        raise _malformed("The JSON is nested too deeply.")
    return value


def kind_of(headers: Headers, *accepted: BodyKind) -> BodyKind:
    """Return which of the accepted kinds a body has.

    Raises:
        Refusal: 415 where it is none of them, or compressed.
    """
    named = headers.getlist("content-type")
    found = [kind for kind in accepted if len(named) == 1 and _KINDS[kind].fullmatch(named[0].strip())]
    if not found:
        message = f"Send {' or '.join(accepted)} in UTF-8."
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message, headers=CLOSE)
    if any(each.strip().lower() != "identity" for each in headers.getlist("content-encoding")):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.", headers=CLOSE)
    return found[0]


def too_slow() -> Refusal:
    """Return the refusal of a body that arrives too slowly."""
    return Refusal(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to come in.", headers=CLOSE)


def cut_off() -> Refusal:
    """Return the refusal of a body whose sender disconnected."""
    return Refusal(HTTPStatus.BAD_REQUEST, "The body was cut off.", headers=CLOSE)


def _declared_size(headers: Headers) -> int:
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0


async def _receive(request: Request, limits: BodyLimits) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limits.size_bytes:
            raise _too_large(limits)
    return bytes(received)


def _levels(value: Any) -> int:
    """Count the levels of nested arrays and objects, up to one more than allowed."""
    levels, level = 0, [value]
    while level and levels <= MAX_LEVELS:
        level = [each for each in level if isinstance(each, dict | list)]
        levels += bool(level)
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return levels


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _too_large(limits: BodyLimits) -> Refusal:
    message = f"The body is larger than {limits.size_bytes} bytes."
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code=ErrorCode.LIMIT_EXCEEDED, headers=CLOSE)


def _malformed(message: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, message)
