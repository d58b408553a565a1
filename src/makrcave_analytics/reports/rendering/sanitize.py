"""Makes foreign texts safe for files. Removed characters leave a visible mark."""

import re
import unicodedata

REPLACED = "\ufffd"
"""The replacement of characters that a file cannot hold or a font cannot draw."""
CUT = "… [cut]"
MAX_MARKS = 4
"""The most combining marks of a letter; some languages need three."""

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile("^[\\s'\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20-]|^[\t\r\n]")


def fit(text: str, most: int) -> str:
    """Replace control characters, lone surrogates and non-characters; cut to `most` characters, with a mark."""
    return _cut(_UNFIT.sub(REPLACED, text), most)


def safe_cell(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would read as a formula. csv.text_cell does the same in SQL."""
    return f"'{text}" if _FORMULA.search(text) else text


def one_line(text: str) -> str:
    """Replace each run of white space by one space."""
    return " ".join(text.split())


def in_sight(text: str, most: int) -> str:
    """Make a text safe for a page: no direction overrides, few combining marks, at most `most` characters."""
    kept: list[str] = []
    marks = 0
    for letter in one_line(_DIRECTION.sub(REPLACED, _UNFIT.sub(REPLACED, text))):
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MAX_MARKS:
            kept.append(letter)
    return _cut("".join(kept), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(CUT)] + CUT
