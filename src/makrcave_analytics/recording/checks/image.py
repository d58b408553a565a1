"""Checks logos by their bytes: PNG or JPEG, within limits."""

import base64
import binascii
import struct

from makrcave_analytics.errors import Invalid

MAX_BYTES = 200_000
MAX_SIDE = 4000
"""Pixels; a small file can hold an image that fills all memory."""

_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_JPEG = b"\xff\xd8\xff"
# SOF markers, which carry the size; C4, C8 and CC of that range are other markers.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def logo(raw: str, field: str) -> bytes:
    """Decode a PNG or JPEG from base64, and check it.

    Raises: Invalid, naming `field`.
    """
    if len(raw) > MAX_BYTES * 4 // 3 + 4:
        raise _too_large(field)
    try:
        data = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("Must be base64.", path=(field,)) from None
    if len(data) > MAX_BYTES:
        raise _too_large(field)
    size = _size(data)
    if size is None:
        raise Invalid("Must be a PNG or a JPEG.", path=(field,))
    if not all(0 < side <= MAX_SIDE for side in size):
        raise Invalid(f"Must have at most {MAX_SIDE} × {MAX_SIDE} pixels.", path=(field,))
    return data


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(_PNG) and len(data) >= len(_PNG) + 8:
        width, height = struct.unpack_from(">II", data, len(_PNG))
        return width, height
    return _jpeg_size(data) if data.startswith(_JPEG) else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return the size from the first frame header among the segments."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _too_large(field: str) -> Invalid:
    return Invalid("Must have at most 200 kB.", path=(field,))
