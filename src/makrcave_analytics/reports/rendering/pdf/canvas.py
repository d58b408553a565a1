"""Paper: pages with text, fonts, colours and images. Knows no report.

Fonts are files of Python packages. Shaping is slow, so only scripts that need it are shaped. Strong type is drawn with
a thin outline, because instancing a bold weight of a variable font takes seconds.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TextMode
from PIL import Image

from makrcave_analytics.reports.rendering.color import rgb
from makrcave_analytics.reports.rendering.sanitize import REPLACED, in_sight

MARGIN = 15.0
BOTTOM = 18.0
WIDTH = 180.0
_POINT = 25.4 / 72
_LEADING = 1.32
_TEXT = (34, 34, 34)
_PALE = (105, 105, 105)
_SHAPED = re.compile("[\u0300-\u036f\u0590-\u1fff\u2c60-\U0010ffff]")
"""Combining marks, and scripts whose letters need shaping."""
_LONGEST = 2000
_SPELT = str.maketrans({"≤": "<=", "≥": ">=", "→": "->", "≈": "~"})
"""Signs in this service's texts that the fonts lack."""


@cache
def _files() -> tuple[Path, Path]:
    """Return the upright font file of each package."""
    found = [
        next(path for path in sorted((Path(package.ROOT) / "files").glob("*.ttf")) if "Italic" not in path.name)
        for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic)
    ]
    return found[0], found[1]


@cache
def _glyphs() -> frozenset[int]:
    """Return the characters that one of the fonts can draw."""
    found: set[int] = set()
    for path in _files():
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def printable(text: str, most: int = _LONGEST) -> str:
    """Return a text that can be drawn. Characters that no font has become a visible mark."""
    glyphs = _glyphs()
    safe = in_sight(text, most).translate(_SPELT)
    return "".join(letter if ord(letter) in glyphs else REPLACED for letter in safe)


class Paper(FPDF):
    """A4 pages with a footer: `foot`, and the page number."""

    def __init__(self, title: str, foot: str, made_at: datetime) -> None:
        super().__init__(format="A4", unit="mm")
        self.foot = printable(foot, 200)
        latin, arabic = _files()
        self.add_font("noto", "", latin)
        self.add_font("arabic", "", arabic)
        self._widths: Any = self.fonts["noto"].cw
        self.set_fallback_fonts(["arabic"], exact_match=False)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=False)
        self.set_title(printable(title, 300))
        self.set_creation_date(made_at)
        self.set_producer("MakrCave Analytics")
        self.set_lang("en")
        self.c_margin = 0
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        """Write the footer of a page."""
        self.set_y(-11)
        self.type(7, _PALE)
        self.put(self.clipped(self.foot, WIDTH - 30), WIDTH - 28, 4)
        self.set_xy(MARGIN + WIDTH - 28, -11)
        self.set_text_shaping(use_shaping_engine=False)
        self.cell(28, 4, f"Page {self.page_no()} of {{nb}}", align="R")

    def release(self) -> None:
        """Close the font files. `output` does that too, but an error may come before it."""
        for font in self.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]  # none of ours is built in

    @property
    def room(self) -> float:
        """The height that is left on the page, in millimetres."""
        return float(self.h - BOTTOM - self.get_y())

    def need(self, height: float) -> None:
        """Begin a new page where less than this height is left."""
        if self.room < height:
            self.add_page()

    def type(self, size: float, color: tuple[int, int, int] = _TEXT) -> None:
        """Set size, in points, and colour of type."""
        self.set_font("noto", "", size)
        self.set_text_color(*color)

    @contextmanager
    def strong(self, size: float, color: tuple[int, int, int] = _TEXT) -> Iterator[None]:
        """Set size and colour of strong type."""
        with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.011, draw_color=color):
            self.type(size, color)
            yield

    def line_height(self) -> float:
        """Return the height of a line in the current type."""
        return float(self.font_size_pt * _POINT * _LEADING)

    def put(self, text: str, width: float, height: float, align: str = "L") -> None:
        """Write one line of printable text into a box. The position moves to the right of the box."""
        self.set_text_shaping(use_shaping_engine=_SHAPED.search(text) is not None)
        self.cell(width, height, text, align=align)

    def measure(self, text: str) -> float:
        """Return the width of a text in the current type."""
        if _SHAPED.search(text):
            self.set_text_shaping(use_shaping_engine=True)
            return float(self.get_string_width(text))
        # Text without shaping is as wide as the sum of its letters: a hundredth of the work.
        width: float = sum(map(self._widths.__getitem__, map(ord, text))) * self.font_size_pt * _POINT / 1000
        return width

    def fitting(self, text: str, width: float, sizes: Sequence[float]) -> float:
        """Return the largest of the sizes in which a line fits, else the smallest. Numbers are never cut."""
        for size in sizes:
            self.type(size)
            if self.measure(text) <= width - size * 0.02:
                return size
        return sizes[-1]

    def clipped(self, text: str, width: float) -> str:
        """Cut a line that is too wide; an ellipsis shows it."""
        if self.measure(text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.measure(text[:middle] + "…") <= width else (low, middle - 1)
        return text[:low] + "…"

    def wrapped(self, text: str, width: float, most: int) -> list[str]:
        """Break a text into lines that fit, at most `most`; the last is cut where there is more."""
        lines: list[str] = []
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self.measure(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            while len(lines) < most and self.measure(word) > width:
                head = self._fitting(word, width)
                lines.append(word[:head])
                word = word[head:]  # noqa: PLW2901 - the rest of it
            line = word
            if len(lines) >= most:
                break
        lines.append(line)
        if len(lines) <= most:
            return lines
        return [*lines[: most - 1], self.clipped(lines[most - 1] + "…", width)]

    def _fitting(self, word: str, width: float) -> int:
        low, high = 1, len(word)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.measure(word[:middle]) <= width else (low, middle - 1)
        return low

    def heading(self, text: str, color: str, *, keep: float) -> None:
        """Write the heading of a chapter, on a page with room for it and `keep` more millimetres."""
        self.need(11 + keep)
        with self.strong(12.5, rgb(color)):
            self.put(self.clipped(printable(text), WIDTH), WIDTH, 7)
        self.ln(7)
        self.set_draw_color(*rgb(color))
        self.set_line_width(0.3)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(2.5)

    def caption(self, text: str, *, keep: float) -> None:
        """Write the title of a block, on a page with room for it and `keep` more millimetres."""
        self.need(6 + keep)
        with self.strong(9):
            self.put(self.clipped(printable(text), WIDTH), WIDTH, 5)
        self.ln(6)

    def paragraph(self, text: str, size: float = 8.5, color: tuple[int, int, int] = _TEXT, most: int = 60) -> None:
        """Write running text, at most `most` lines."""
        self.type(size, color)
        for line in self.wrapped(printable(text, 4000), WIDTH, most):
            self.need(self.line_height())
            self.put(line, WIDTH, self.line_height())
            self.ln(self.line_height())

    def place_image(
        self, image: bytes, *, described: str, left: float = MARGIN, width: float = WIDTH, most: float = 200
    ) -> float:
        """Place an image, uncropped and at most `most` millimetres high; return its height."""
        drawn = Image.open(BytesIO(image))
        height = width * drawn.height / drawn.width
        if height > most:
            width, height = width * most / height, most
        self.need(height)
        self.image(drawn, x=left, w=width, h=height, alt_text=printable(described, 200))
        self.set_y(self.get_y() + 3)
        return height
