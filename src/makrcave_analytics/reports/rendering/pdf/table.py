"""Tables over pages: columns as wide as needed, rows that wrap, the header repeated on each page."""

from collections.abc import Sequence
from dataclasses import dataclass

from makrcave_analytics.reports.rendering.pdf.canvas import WIDTH, Paper, printable

_PAD = 1.4
_SLACK = 0.4
"""Tolerance in millimetres: for rounding of widths, and because strong type is wider than thin."""
_SHADE = (246, 246, 247)
_HEAD = (226, 229, 233)
_RULE = (190, 190, 190)
_SAMPLED = 150
_NARROWEST = 8.0
_WORD = 26.0
"""The widest word, in millimetres, that is never broken."""
_SIZES = (8.0, 7.4, 6.8, 6.2, 5.6)


@dataclass(frozen=True)
class Grid:
    """A table to print: texts, and which columns are numbers or may wrap."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_number: Sequence[bool]
    may_wrap: Sequence[bool]
    most_lines: int
    """The most lines of a cell; longer text is cut, with a mark."""


def draw_grid(paper: Paper, grid: Grid) -> None:
    """Draw a table from the current position, over as many pages as needed."""
    heads = [printable(head) for head in grid.heads]
    rows = [[printable(cell, 200 * grid.most_lines) for cell in row] for row in grid.rows]
    size, widths = _fit(paper, heads, rows, grid)
    paper.type(size)
    _row(paper, heads, widths, grid, fill=_HEAD, is_head=True)
    for number, row in enumerate(rows):
        lines = _lines(paper, row, widths, grid)
        # Keep the last two rows together.
        kept = 2 if number == len(rows) - 2 else 1
        if paper.room < _height(paper, lines) * kept:
            paper.add_page()
            paper.type(size)
            _row(paper, heads, widths, grid, fill=_HEAD, is_head=True)
        _write(paper, lines, widths, grid, _SHADE if number % 2 else None)
    paper.ln(3)


def _fit(paper: Paper, heads: Sequence[str], rows: Sequence[Sequence[str]], grid: Grid) -> tuple[float, list[float]]:
    """Choose the largest type in which the numbers fit; return it with the widths of columns."""
    for size in _SIZES:
        paper.type(size)
        natural, least = _needs(paper, heads, rows, grid)
        if sum(least) <= WIDTH:
            break
    else:
        scale = WIDTH / sum(least)
        return size, [width * scale for width in least]
    spare = WIDTH - sum(least)
    wanted = [max(0.0, width - floor) for width, floor in zip(natural, least, strict=True)]
    share = min(1.0, spare / sum(wanted)) if sum(wanted) else 0.0
    widths = [floor + want * share for floor, want in zip(least, wanted, strict=True)]
    left = WIDTH - sum(widths)
    wide = [place for place, wraps in enumerate(grid.may_wrap) if wraps] or list(range(len(widths)))
    for place in wide:
        widths[place] += left / len(wide)
    return size, widths


def _needs(
    paper: Paper, heads: Sequence[str], rows: Sequence[Sequence[str]], grid: Grid
) -> tuple[list[float], list[float]]:
    """Return two widths for each column: without any break, and the least possible."""
    natural, least = [], []
    for place, head in enumerate(heads):
        cells = [paper.measure(row[place]) for row in rows[:_SAMPLED]]
        around = 2 * _PAD + _SLACK
        widest = max(cells, default=0.0) + around
        word = max((paper.measure(word) for word in head.split()), default=0.0) + around
        natural.append(max(widest, word))
        longest = max((paper.measure(part) for row in rows[:_SAMPLED] for part in row[place].split()), default=0.0)
        least.append(max(word, _NARROWEST, min(longest + around, _WORD) if grid.may_wrap[place] else widest))
    return natural, least


def _row(
    paper: Paper,
    cells: Sequence[str],
    widths: Sequence[float],
    grid: Grid,
    fill: tuple[int, int, int],
    *,
    is_head: bool,
) -> None:
    with paper.strong(paper.font_size_pt):
        _write(paper, _lines(paper, cells, widths, grid, is_head=is_head), widths, grid, fill)
    paper.set_draw_color(*_RULE)


def _lines(
    paper: Paper, cells: Sequence[str], widths: Sequence[float], grid: Grid, *, is_head: bool = False
) -> list[list[str]]:
    made = []
    for cell, width, wraps in zip(cells, widths, grid.may_wrap, strict=True):
        room = width - 2 * _PAD
        made.append(paper.wrapped(cell, room, grid.most_lines) if wraps or is_head else [paper.clipped(cell, room)])
    return made


def _height(paper: Paper, lines: Sequence[Sequence[str]]) -> float:
    return max(len(cell) for cell in lines) * paper.line_height() + 1.5


def _write(
    paper: Paper,
    lines: Sequence[Sequence[str]],
    widths: Sequence[float],
    grid: Grid,
    fill: tuple[int, int, int] | None,
) -> None:
    height, leading = _height(paper, lines), paper.line_height()
    left, top = paper.l_margin, paper.get_y()
    if fill:
        paper.set_fill_color(*fill)
        paper.rect(left, top, sum(widths), height, style="F")
    for cell, width, is_number in zip(lines, widths, grid.is_number, strict=True):
        for place, line in enumerate(cell):
            paper.set_xy(left + _PAD, top + 0.75 + place * leading)
            paper.put(line, width - 2 * _PAD, leading, "R" if is_number else "L")
        left += width
    paper.set_xy(paper.l_margin, top + height)
