"""Paper: pages that text, tables, cards and pictures are put on. Knows no report, only what is printed.

Fonts come out of packages. Only what needs it is shaped, which is slow; type is made strong by a thin outline, for a
bold cut of a variable font takes seconds to make.
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
"""Marks, and the scripts whose letters do not stand side by side as they are."""
_LONGEST = 2000
_SPELT = str.maketrans({"≤": "<=", "≥": ">=", "→": "->", "≈": "~"})
"""Signs of ours that the fonts do not have."""


@cache
def _files() -> tuple[Path, Path]:
    """Return the upright font of each package."""
    found = [
        next(path for path in sorted((Path(package.ROOT) / "files").glob("*.ttf")) if "Italic" not in path.name)
        for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic)
    ]
    return found[0], found[1]


@cache
def _glyphs() -> frozenset[int]:
    """All characters that one of the fonts draws."""
    found: set[int] = set()
    for path in _files():
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def printable(text: str, most: int = _LONGEST) -> str:
    """Make a text that can be drawn: what no font has becomes a visible mark."""
    glyphs = _glyphs()
    told = in_sight(text, most).translate(_SPELT)
    return "".join(letter if ord(letter) in glyphs else REPLACED for letter in told)


class Paper(FPDF):
    """A4 pages; `foot` stands at the bottom of each, with its number."""

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
        """Write what stands at the bottom of each page."""
        self.set_y(-11)
        self.type(7, _PALE)
        self.put(self.clipped(self.foot, WIDTH - 30), WIDTH - 28, 4)
        self.set_xy(MARGIN + WIDTH - 28, -11)
        self.set_text_shaping(use_shaping_engine=False)
        self.cell(28, 4, f"Page {self.page_no()} of {{nb}}", align="R")

    def release(self) -> None:
        """Close the files of the fonts, which output alone does not where it is never reached."""
        for font in self.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]  # none of ours is built in

    @property
    def room(self) -> float:
        """What is left of the page, in millimetres."""
        return float(self.h - BOTTOM - self.get_y())

    def need(self, height: float) -> None:
        """Begin a new page where there is no room for so much."""
        if self.room < height:
            self.add_page()

    def type(self, size: float, color: tuple[int, int, int] = _TEXT) -> None:
        """Choose size, in points, and colour."""
        self.set_font("noto", "", size)
        self.set_text_color(*color)

    @contextmanager
    def strong(self, size: float, color: tuple[int, int, int] = _TEXT) -> Iterator[None]:
        """Choose size and colour of strong type."""
        with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.011, draw_color=color):
            self.type(size, color)
            yield

    def line_height(self) -> float:
        """Return how high a line of the chosen type is."""
        return float(self.font_size_pt * _POINT * _LEADING)

    def put(self, text: str, width: float, height: float, align: str = "L") -> None:
        """Write one line, already fit to be printed, into a box; ends at its right."""
        self.set_text_shaping(use_shaping_engine=_SHAPED.search(text) is not None)
        self.cell(width, height, text, align=align)

    def measure(self, text: str) -> float:
        """Return how wide a text is."""
        if _SHAPED.search(text):
            self.set_text_shaping(use_shaping_engine=True)
            return float(self.get_string_width(text))
        # What stands side by side as it is, is as wide as its letters: a hundredth of the work.
        width: float = sum(map(self._widths.__getitem__, map(ord, text))) * self.font_size_pt * _POINT / 1000
        return width

    def fitting(self, text: str, width: float, sizes: Sequence[float]) -> float:
        """Return the largest size in which a line fits: a number is never cut."""
        for size in sizes:
            self.type(size)
            if self.measure(text) <= width - size * 0.02:
                return size
        return sizes[-1]

    def clipped(self, text: str, width: float) -> str:
        """Cut a line that is too wide, visibly."""
        if self.measure(text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.measure(text[:middle] + "…") <= width else (low, middle - 1)
        return text[:low] + "…"

    def wrapped(self, text: str, width: float, most: int) -> list[str]:
        """Break a text into lines that fit, the last of at most `most` cut."""
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
        """Begin a chapter, on a page that has room for it and `keep` more."""
        self.need(11 + keep)
        with self.strong(12.5, rgb(color)):
            self.put(self.clipped(printable(text), WIDTH), WIDTH, 7)
        self.ln(7)
        self.set_draw_color(*rgb(color))
        self.set_line_width(0.3)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(2.5)

    def caption(self, text: str, *, keep: float) -> None:
        """Name what follows."""
        self.need(6 + keep)
        with self.strong(9):
            self.put(self.clipped(printable(text), WIDTH), WIDTH, 5)
        self.ln(6)

    def paragraph(self, text: str, size: float = 8.5, color: tuple[int, int, int] = _TEXT, most: int = 60) -> None:
        """Write running text."""
        self.type(size, color)
        for line in self.wrapped(printable(text, 4000), WIDTH, most):
            self.need(self.line_height())
            self.put(line, WIDTH, self.line_height())
            self.ln(self.line_height())

    def picture(
        self, image: bytes, *, described: str, left: float = MARGIN, width: float = WIDTH, most: float = 200
    ) -> float:
        """Show a picture, whole, at most `most` millimetres high, and return how high it is."""
        drawn = Image.open(BytesIO(image))
        height = width * drawn.height / drawn.width
        if height > most:
            width, height = width * most / height, most
        self.need(height)
        self.image(drawn, x=left, w=width, h=height, alt_text=printable(described, 200))
        self.set_y(self.get_y() + 3)
        return height
