"""Charts as PNG images: a Vega-Lite specification by Altair, drawn by vl-convert. Knows no page and no format.

Lines differ in dash and darkness as well as in colour, so that they can be distinguished in grey.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import altair as untyped  # noqa: ICN001 - for what follows
import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import vl_convert

from makrcave_analytics.metrics.display.format import formatted, unit_label
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import Chart, Heatmap, Line, Mark
from makrcave_analytics.reports.rendering.color import GREY, between, ink
from makrcave_analytics.reports.rendering.sanitize import in_sight

alt: Any = untyped  # its types are longer than these charts

SCALE = 2
"""Pixels per point."""
FONT = "Noto Sans, Noto Sans Arabic"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
_DAY_FORMATS = {"Month": "%b %Y", "Quarter": "%b %Y", "Year": "%Y"}
_BAR_HEIGHT = 19
_LABEL_WIDTH = 170
_DOTS_UP_TO = 62
"""The most places of a line whose points are marked."""
_COLUMN_LABELS = 26
_FEW = 5
_APART: dict[str, Any] = {"labelOverlap": True, "labelSeparation": 6}


def draw(chart: Chart | Heatmap, color: str | None, currency: str, locale: str, width: int, height: int) -> bytes:
    """Draw a PNG. Width and height are those of the inner area, in points."""
    _register_fonts()
    made = spec(chart, color, currency, locale, width, height)
    png: bytes = vl_convert.vegalite_to_png(made, scale=SCALE)
    return png


def spec(
    chart: Chart | Heatmap, color: str | None, currency: str, locale: str, width: int, height: int
) -> dict[str, Any]:
    """Write the Vega-Lite specification."""
    if isinstance(chart, Heatmap):
        drawn = _heatmap(chart, ink(color)).properties(width=width, height=height)
    elif chart.mark is Mark.BAR:
        drawn = _bars(chart, ink(color), currency, locale).properties(
            width=width - _LABEL_WIDTH, height=_BAR_HEIGHT * max(len(chart.places), 1)
        )
    else:
        drawn = _over_time(chart, ink(color), currency, locale).properties(width=width, height=height)
    styled = (
        drawn.configure(font=FONT, background="white")
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
            gridColor="#e4e4e4",
            domainColor="#777",
            tickColor="#777",
            labelColor="#333",
            titleColor="#333",
        )
        .configure_legend(orient="top", title=None, labelFontSize=11, labelLimit=300, symbolStrokeWidth=2)
    )
    made: dict[str, Any] = styled.to_dict()
    return made


def _over_time(chart: Chart, color: str, currency: str, locale: str) -> Any:
    is_line = chart.mark is Mark.LINE
    rows: list[dict[str, Any]] = [
        {"place": _place(place, chart), "line": line.label, "value": None if value is None else float(value)}
        for line in chart.lines
        for place, value in zip(_all(chart.places), line.values, strict=True)
    ]
    labels = [line.label for line in chart.lines]
    colors = [GREY if line.is_comparison else shade for line, shade in zip(chart.lines, _shades(color), strict=False)]
    sign = unit_label(chart.unit, currency, locale) or (chart.lines[0].label if len(chart.lines) == 1 else "")
    y = alt.Y("value:Q", title=sign or None).axis(tickCount=5, domain=False, format="~s", **_few(chart))
    if not any(row["value"] for row in rows):
        y = y.scale(domain=[0, 1])
    base = alt.Chart(alt.Data(values=rows))
    hue = alt.Color("line:N", sort=labels).scale(domain=labels, range=colors)
    dash = alt.StrokeDash("line:N", sort=labels).scale(
        domain=labels, range=[_DASHES[place % len(_DASHES)] for place in range(len(labels))]
    )
    if len(labels) == 1:
        hue, dash = hue.legend(None), dash.legend(None)
    if not is_line:
        every = list(dict.fromkeys(row["place"] for row in rows))
        x = alt.X("place:O", title=None).scale(domain=every).axis(labelAngle=0, ticks=False, **_APART)
        offset = {"xOffset": alt.XOffset("line:N", sort=labels)} if len(labels) > 1 else {}
        return base.mark_bar().encode(x=x, y=y, color=hue, **offset)
    x = (
        alt.X("place:T", title=None)
        .scale(type="utc", nice=False)
        .axis(grid=False, tickCount=8, format=_DAY_FORMATS.get(chart.place_label, "%-d %b"), **_APART)
    )
    point: Any = {"size": 18, "filled": True} if len(chart.places) <= _DOTS_UP_TO else False
    return base.mark_line(strokeWidth=1.8, point=point).encode(x=x, y=y, color=hue, strokeDash=dash)


def _bars(chart: Chart, color: str, currency: str, locale: str) -> Any:
    (line,) = chart.lines
    rows = [
        {
            "place": place,
            "order": order,
            "value": float(value or 0),
            "said": formatted(value, chart.unit, currency, locale),
        }
        for order, (place, value) in enumerate(zip(_unique(chart.places), line.values, strict=True))
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("place:N", sort=alt.EncodingSortField("order"), title=None).axis(
            labelLimit=_LABEL_WIDTH - 20, ticks=False, domain=False
        ),
        x=alt.X("value:Q", title=None).axis(None).scale(domain=_room(line), zero=True),
    )
    texts = base.mark_text(align="left", dx=4, fontSize=11, color="#333").encode(text="said:N")
    return base.mark_bar(color=color, height={"band": 0.72}) + texts


def _heatmap(chart: Heatmap, color: str) -> Any:
    rows = [
        {"day": _DAYS[day], "hour": hour, "value": None if value is None else float(value)}
        for day, cells in enumerate(chart.cells)
        for hour, value in enumerate(cells)
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("hour:O", title="Hour of the day")
            .scale(domain=list(range(24)))
            .axis(labelAngle=0, ticks=False, domain=False),
            y=alt.Y("day:O", sort=list(_DAYS), title=None).axis(ticks=False, domain=False),
            color=alt.Color("value:Q", title=chart.label)
            .scale(range=["#f2f2f2", color], zero=True)
            .legend(orient="right", title=None, gradientLength=110, tickCount=4, format="~s"),
        )
    )


def _all(places: Sequence[date | str]) -> Sequence[date | str]:
    return places


def _few(chart: Chart) -> dict[str, Any]:
    """Return the ticks of an axis of small counts: whole numbers only."""
    values = [value for line in chart.lines for value in line.values if value is not None]
    most = max(values, default=0)
    is_small = chart.unit is Unit.COUNT and most <= _FEW and min(values, default=0) >= 0
    return {"values": list(range(max(int(most), 1) + 1))} if is_small else {}


def _place(place: date | str, chart: Chart) -> str:
    if isinstance(place, str):
        return in_sight(place, _COLUMN_LABELS)
    if chart.mark is Mark.LINE:
        return place.isoformat()
    return f"{place:%b %y}" if chart.place_label == "Month" else f"{place.day} {place:%b}"


def _unique(places: Sequence[date | str]) -> list[str]:
    """Return labels that differ: two bars of one name stay two bars."""
    seen: dict[str, int] = {}
    made = []
    for place in places:
        label = in_sight(str(place), 60) or "—"
        seen[label] = seen.get(label, 0) + 1
        made.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return made


def _room(line: Line) -> list[float]:
    """Return the domain of bars, with room for the number next to the longest."""
    values = [float(value) for value in line.values if value is not None] or [0.0]
    low, high = min(0.0, *values), max(0.0, *values)
    return [low, high + (high - low) * 0.22 or 1.0]


def _shades(color: str) -> list[str]:
    """Return the colours of lines: the brand's, a lighter one of it, a dark and a light grey."""
    return [color, between(color, 0.45), "#3f3f3f", "#8c8c8c"]


@cache
def _register_fonts() -> None:
    for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic):
        vl_convert.register_font_directory(str(package.ROOT / "files"))
