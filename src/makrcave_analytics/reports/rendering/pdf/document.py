"""Writes a document as a PDF."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from makrcave_analytics.reports.content.document import (
    Block,
    Chapter,
    Chart,
    Document,
    DocumentTable,
    Heatmap,
    Mark,
    Totals,
)
from makrcave_analytics.reports.rendering.color import ink, rgb
from makrcave_analytics.reports.rendering.pdf.canvas import MARGIN, WIDTH, Paper, printable
from makrcave_analytics.reports.rendering.pdf.cards import draw_cards
from makrcave_analytics.reports.rendering.pdf.chart_image import chart_png
from makrcave_analytics.reports.rendering.pdf.summary import draw_brief
from makrcave_analytics.reports.rendering.pdf.table import Grid, draw_grid
from makrcave_analytics.reports.rendering.values import value_text

MOST_ROWS = 400
"""The most rows of a table on pages; XLSX and CSV hold all."""
MOST_LOGO_PIXELS = 4_000_000
_LOGO = 16.0
_PALE = (105, 105, 105)
_CHART = (640, 190)
_HEATMAP = (600, 150)
_SOURCES = 150.0
"""The height that the sources of a report need at least; with less left, they begin a page."""


def write(document: Document, path: Path) -> None:
    """Write the file."""
    color = ink(document.brand.color)
    marks = ["SAMPLE: made-up data"] if document.is_sample else []
    foot = " · ".join([*marks, document.brand.name, document.title, document.period])
    paper = Paper(f"{document.title} · {document.brand.name}", foot, document.made_at)
    try:
        _head(paper, document, color)
        for section in document.sections:
            _section(paper, document, section, color)
        _sources(paper, document, color)
        paper.output(str(path))
    finally:
        paper.release()


def _head(paper: Paper, document: Document, color: str) -> None:
    """Write brand, title and period."""
    paper.set_fill_color(*rgb(color))
    paper.rect(0, 0, paper.w, 4, style="F")
    paper.set_xy(MARGIN, 11)
    logo = _logo(document.brand.logo)
    room = WIDTH - (_LOGO + 4 if logo else 0)
    if logo:
        paper.image(logo, x=MARGIN + WIDTH - _LOGO, y=10, h=_LOGO, w=_LOGO, keep_aspect_ratio=True)
    paper.type(10, _PALE)
    paper.put(paper.clipped(printable(document.brand.name, 400), room), room, 5)
    paper.ln(6)
    with paper.strong(19, rgb(color)):
        paper.put(printable(document.title), room, 9)
    paper.ln(10)
    paper.type(9.5)
    compared = f", compared with {document.compared_with}" if document.compared_with else ""
    paper.put(paper.clipped(printable(f"{document.period}{compared}"), WIDTH), WIDTH, 5)
    paper.ln(5)
    if document.is_sample:
        paper.type(8.5, _PALE)
        paper.put("SAMPLE: these are made-up data, not what happened.", WIDTH, 5)
        paper.ln(5)
    paper.ln(3)


def _logo(data: bytes | None) -> Image.Image | None:
    """Open a PNG or JPEG; None for other bytes and for images too large to be a logo."""
    if not data:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
        if image.width * image.height > MOST_LOGO_PIXELS:
            return None
        image.load()
    except Exception:  # noqa: BLE001 - any fault of a logo leaves the report without it
        return None
    return image.convert("RGBA")


def _section(paper: Paper, document: Document, section: Chapter, color: str) -> None:
    if document.is_short:
        draw_brief(paper, document, section, color)
        return
    paper.heading(section.title, color, keep=_height(section.blocks[0]))
    for block in section.blocks:
        match block:
            case Totals():
                if block.title != "Totals":
                    paper.caption(block.title, keep=18)
                draw_cards(paper, document, block, 3)
                paper.ln(1.5)
            case DocumentTable():
                _table(paper, document, block, caption=block.title if block.title != section.title else None)
            case Chart() | Heatmap():
                _chart(paper, document, block)


def _table(paper: Paper, document: Document, table: DocumentTable, caption: str | None) -> None:
    shown = table.rows[:MOST_ROWS]
    if caption:
        paper.caption(caption, keep=16)
    if not shown:
        paper.paragraph("Nothing in this period.", color=_PALE)
        paper.ln(3)
        return
    draw_grid(
        paper,
        Grid(
            heads=[column.label for column in table.columns],
            rows=[
                [value_text(document, value, column.unit) for value, column in zip(row, table.columns, strict=True)]
                for row in shown
            ],
            is_number=[column.unit is not None for column in table.columns],
            may_wrap=[column.is_wide for column in table.columns],
            most_lines=table.most_lines,
        ),
    )
    notes = [table.note] if table.note else []
    if len(table.rows) > len(shown):
        notes.append(f"The first {len(shown):,} of {len(table.rows):,} rows; all of them are in XLSX and CSV.")
    for note in notes:
        paper.paragraph(note, 7.5, _PALE)
    if notes:
        paper.ln(3)


def _chart(paper: Paper, document: Document, chart: Chart | Heatmap) -> None:
    title = chart.title if isinstance(chart, Chart) else f"{chart.title}: {chart.label.lower()}"
    paper.caption(title, keep=_height(chart))
    if isinstance(chart, Chart) and chart.is_empty:
        paper.paragraph("Nothing to draw in this period.", color=_PALE)
        paper.ln(3)
        return
    image = chart_png(document, chart, *(_HEATMAP if isinstance(chart, Heatmap) else _CHART))
    paper.place_image(image, described=title)


def _height(block: Block) -> float:
    """Return how many millimetres of a block stay on the page of its heading."""
    match block:
        case Chart() if block.is_empty:
            return 12.0
        case Chart() if block.mark is Mark.BAR:
            return len(block.places) * 6.0 + 14
        case Chart() | Heatmap():
            return (_HEATMAP if isinstance(block, Heatmap) else _CHART)[1] * 0.31 + 14
        case _:
            return 24.0


def _sources(paper: Paper, document: Document, color: str) -> None:
    """Write sources, notes and definitions."""
    paper.heading("What this was computed from", color, keep=30 if document.is_short else _SOURCES)
    _pairs(paper, document.sources, 7 if document.is_short else 8.5)
    size = 6.4 if document.is_short else 8.0
    for note in document.notes:
        paper.paragraph(f"• {note}", size)
    paper.ln(2)
    if document.is_short:
        paper.paragraph(" · ".join(f"{metric.label}: {metric.formula}" for metric in document.definitions), size, _PALE)
        return
    for metric in document.definitions:
        paper.need(9)
        with paper.strong(7.6):
            paper.put(printable(metric.label), WIDTH, 4)
        paper.ln(3.6)
        paper.paragraph(f"{metric.description} Formula: {metric.formula}.", 7.2, _PALE)
        paper.ln(0.8)


def _pairs(paper: Paper, pairs: Sequence[tuple[str, str]], size: float) -> None:
    for name, value in pairs:
        paper.type(size, _PALE)
        paper.need(paper.line_height())
        paper.put(name, 34, paper.line_height())
        paper.type(size)
        lines = paper.wrapped(printable(value), WIDTH - 34, 4)
        for line in lines:
            paper.set_x(MARGIN + 34)
            paper.put(line, WIDTH - 34, paper.line_height())
            paper.ln(paper.line_height())
    paper.ln(2)
