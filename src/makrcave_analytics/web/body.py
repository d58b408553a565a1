"""The guard of bodies: what a POST carries is measured, timed and decoded here, before anything trusts it."""

import asyncio
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.web.refusal import Refusal

MAX_LEVELS = 500
"""Of arrays and objects within each other: far more than any field takes, far less than recursion bears."""
MAX_DIGITS = 1_000

_JSON = re.compile(r'application/json\s*(?:;\s*charset\s*=\s*("utf-?8"|utf-?8)\s*)?;?', re.IGNORECASE)
_CLOSE = {"connection": "close"}
"""The rest of the body is still on its way: the connection cannot be used again."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, and how long it may take to come in."""

    size_bytes: int = 2 * 1024 * 1024
    query_size_bytes: int = 64 * 1024
    """Of bodies that hold no mutation."""
    query_string_size_bytes: int = 16 * 1024
    seconds: float = 10.0


async def read(request: Request, limits: BodyLimits) -> bytes:
    """Read a JSON body, and no more of it than is allowed.

    Raises:
        Refusal: 415 for another kind, 413 for too much, 408 for too slow; then the connection is closed.
    """
    _check_kind(request.headers)
    if _declared_size(request.headers) > limits.size_bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _receive(request, limits)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to come in.", headers=_CLOSE) from None
    except ClientDisconnect:
        raise Refusal(HTTPStatus.BAD_REQUEST, "The body was cut off.", headers=_CLOSE) from None


def decode(text: bytes | str) -> Any:
    """Decode JSON as its standard has it: UTF-8 only, nothing after it, numbers that are numbers.

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


def _check_kind(headers: Headers) -> None:
    kinds = headers.getlist("content-type")
    if len(kinds) != 1 or _JSON.fullmatch(kinds[0].strip()) is None:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json in UTF-8.", headers=_CLOSE)
    if any(each.strip().lower() != "identity" for each in headers.getlist("content-encoding")):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.", headers=_CLOSE)


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
    """Count the levels of arrays and objects, stopping soon after there are too many."""
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
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code=ErrorCode.LIMIT_EXCEEDED, headers=_CLOSE)


def _malformed(message: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, message)
