"""A makerspace's logo, computed: a ring with a notch in its colour, as a PNG."""

import struct
import zlib
from functools import cache

_SIZE = 96
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@cache
def draw_logo(color: str) -> bytes:
    """Draw the logo in a colour such as "#0F766E" on a transparent background."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    rows = (
        b"\0" + b"".join(bytes((red, green, blue, 255 if _inked(x, y) else 0)) for x in range(_SIZE))
        for y in range(_SIZE)
    )
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 6, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(rows))) + _chunk(b"IEND", b"")


def _inked(x: int, y: int) -> bool:
    across, down = x - _SIZE / 2, y - _SIZE / 2
    distance = (across**2 + down**2) ** 0.5
    is_notch = abs(across) < _SIZE / 16 and down < 0
    return distance < _SIZE / 8 or (_SIZE / 4 < distance < _SIZE / 2.1 and not is_notch)


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
