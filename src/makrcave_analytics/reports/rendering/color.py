"""Colours of a makerspace on white paper, dark enough to be read."""

import math
import re

INK = "#1f3a5f"
"""The colour of a makerspace that has none."""
GREY = "#9a9a9a"
_DARKEST_WORTH_KEEPING = 0.30
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def rgb(color: str) -> tuple[int, int, int]:
    """Read #RRGGBB."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def ink(color: str | None) -> str:
    """Return a makerspace's colour, darkened until type and lines can be read on white."""
    if color is None or not _HEX.fullmatch(color):
        return INK
    parts = [part / 255 for part in rgb(color)]
    while _brightness(parts) > _DARKEST_WORTH_KEEPING:
        parts = [part * 0.92 for part in parts]
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def between(color: str, share: float) -> str:
    """Mix a colour with white paper: 0 is paper, 1 the colour."""
    return "#" + "".join(f"{round(242 + (part - 242) * share):02x}" for part in rgb(color))


def _brightness(parts: list[float]) -> float:
    """Return the perceived brightness, 0 to 1."""
    red, green, blue = (math.pow(part, 2.2) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
