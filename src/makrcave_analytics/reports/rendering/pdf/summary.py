"""A chapter in brief: headline figures at the left, its chart at the right. Six fit on two pages."""

from makrcave_analytics.reports.content.document import Chapter, Chart, Document, Totals
from makrcave_analytics.reports.rendering.pdf.canvas import MARGIN, WIDTH, Paper, printable
from makrcave_analytics.reports.rendering.pdf.cards import draw_cards
from makrcave_analytics.reports.rendering.pdf.chart_image import chart_png

_CHART = (372, 112)
_LEFT = 84.0
_RIGHT = 91.0
_HIGHEST = 38.0
_GAP = 2.4
_SECTION = 50.0


def draw_brief(paper: Paper, document: Document, section: Chapter, color: str) -> None:
    """Draw a chapter. One without a chart has its figures across the page."""
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    totals = [block for block in section.blocks if isinstance(block, Totals)]
    paper.heading(section.title, color, keep=_SECTION - 11 if charts else 20)
    top, page = paper.get_y(), paper.page
    for block in totals:
        draw_cards(paper, document, block, 2 if charts else 6, _LEFT if charts else WIDTH, _GAP)
    bottom = paper.get_y()
    for chart in charts:
        paper.set_xy(MARGIN + WIDTH - _RIGHT, top)
        bottom = max(bottom, _draw(paper, document, chart, top))
    paper.set_xy(MARGIN, bottom if paper.page == page else paper.get_y())
    paper.ln(2)


def _draw(paper: Paper, document: Document, chart: Chart, top: float) -> float:
    """Draw a chart at the right; return the vertical position of its end."""
    left = MARGIN + WIDTH - _RIGHT
    with paper.strong(8):
        paper.put(paper.clipped(printable(chart.title), _RIGHT), _RIGHT, 4)
    paper.set_xy(left, top + 4.5)
    if chart.is_empty:
        paper.type(8)
        paper.put("Nothing to draw in this period.", _RIGHT, 5)
        return top + 10
    height = paper.place_image(
        chart_png(document, chart, *_CHART), described=chart.title, left=left, width=_RIGHT, most=_HIGHEST - 5
    )
    return top + 4.5 + height
