"""Headline figures as cards, several in a row."""

from makrcave_analytics.reports.content.document import Document, Figure, Totals
from makrcave_analytics.reports.rendering.pdf.canvas import MARGIN, WIDTH, Paper, printable
from makrcave_analytics.reports.rendering.values import change_text, value_text

GAP = 3.0
_PALE = (105, 105, 105)
_CARD = (246, 246, 247)
_SIZES = (12.5, 11.0, 9.5, 8.0, 7.0, 6.0, 5.0)
_SMALL_SIZES = (7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)


def draw_cards(
    paper: Paper, document: Document, totals: Totals, across: int, width: float = WIDTH, gap: float = GAP
) -> None:
    """Draw figures as cards, `across` in a row, over a width in millimetres."""
    each = (width - gap * (across - 1)) / across
    height = 17.0 if totals.is_compared else 12.6
    for start in range(0, len(totals.figures), across):
        paper.need(height)
        top = paper.get_y()
        for place, figure in enumerate(totals.figures[start : start + across]):
            draw_card(paper, document, figure, (MARGIN + place * (each + gap), top, each, height), totals.is_compared)
        paper.set_xy(MARGIN, top + height + gap * 0.8)


def draw_card(
    paper: Paper, document: Document, figure: Figure, box: tuple[float, float, float, float], is_compared: bool
) -> None:
    """Draw one figure into a box: left, top, width, height."""
    left, top, width, height = box
    room = width - 5
    paper.set_fill_color(*_CARD)
    paper.rect(left, top, width, height, style="F")
    paper.set_xy(left + 2.5, top + 1.4)
    paper.type(7.5, _PALE)
    paper.put(paper.clipped(figure.label, room), room, 4)
    paper.set_xy(left + 2.5, top + 5.4)
    value = printable(value_text(document, figure.value, figure.unit))
    with paper.strong(paper.fitting(value, room, _SIZES)):
        paper.put(value, room, 6)
    if is_compared:
        paper.set_xy(left + 2.5, top + 11.8)
        change = printable(change_text(document, figure))
        paper.type(paper.fitting(change, room, _SMALL_SIZES), _PALE)
        paper.put(change, room, 4)
