"""Checks the JSON of facts: within limits, and storable as jsonb."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from makrcave_analytics.errors import Invalid

MAX_BYTES = 32 * 1024
"""Bytes of the JSON in UTF-8 without spaces. Keys need no limit of their own: 10,000 keys take more."""
MAX_LEVELS = 199
"""Levels of nesting; the object itself is the first."""

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def metadata_text(value: Any) -> str | None:
    """Check metadata, and return it as JSON.

    Raises: Invalid, naming `metadata`.
    """
    if value is not None and not isinstance(value, dict):
        raise _invalid("Metadata must be a JSON object.")
    return _text(value)


def materials_text(value: Any) -> str | None:
    """Check the materials of a session, an object or a list within the limits of metadata, and return them as JSON.

    Raises: Invalid, naming `materialsUsed`.
    """
    if value is not None and not isinstance(value, dict | list):
        raise Invalid("The materials must be a JSON object or list.", path=("materialsUsed",))
    try:
        return _text(value)
    except Invalid as error:
        raise Invalid(error.message.replace("Metadata", "What was used"), path=("materialsUsed",)) from error


def _text(value: Any) -> str | None:
    if value is None:
        return None
    quick = _quick_text(value)
    if quick is not None:
        return quick
    try:
        text = _write(value)
        size = len(text.encode())
    except RecursionError:
        raise _too_deep() from None
    except UnicodeEncodeError:
        raise _unstorable() from None
    except (TypeError, ValueError):
        raise _invalid("Metadata holds a number that is not finite, or something that is not JSON.") from None
    if size > MAX_BYTES:
        raise _invalid("Metadata is larger than 32 kB.")
    # Counting characters clears nearly all values at once. The rest is walked through, as texts may hold them too.
    if text.count("{") + text.count("[") > MAX_LEVELS or "\\u0000" in text:
        _walk(value)
    return text


def _quick_text(value: Any) -> str | None:
    """Return the JSON of a small and plain value, in a tenth of the time; None: the value needs the full check."""
    try:
        written = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    # msgspec writes numbers that are not finite as null.
    if len(written) > MAX_BYTES or b"null" in written or b"\\u0000" in written:
        return None
    return written.decode() if written.count(b"{") + written.count(b"[") <= MAX_LEVELS else None


def _walk(value: Any) -> None:
    level = [value]
    for _ in range(MAX_LEVELS):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    for inner in level:
        if isinstance(inner, dict | list | tuple):
            raise _too_deep()
        next(_inside(inner), None)


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, str) and _UNSTORABLE.search(value):
        raise _unstorable()


def _too_deep() -> Invalid:
    return _invalid("Metadata is nested 200 levels deep or more.")


def _unstorable() -> Invalid:
    return _invalid("Metadata holds a NUL character or half of a surrogate pair.")


def _invalid(message: str) -> Invalid:
    return Invalid(message, path=("metadata",))
