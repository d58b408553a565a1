"""Specifications of charts: gaps are kept, axes begin at zero, lines can be distinguished in grey."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import Chart, Heatmap, Line, Mark
from makrcave_analytics.reports.rendering.charts import draw, spec
from makrcave_analytics.reports.rendering.color import INK, between, ink, rgb

MONTHS = tuple(date(2026, month, 1) for month in (1, 2, 3))


def of(mark: Mark, *lines: tuple[int | None, ...], unit: Unit = Unit.COUNT) -> dict[str, Any]:
    made = tuple(
        Line(f"line {n}", tuple(None if value is None else Decimal(value) for value in values))
        for n, values in enumerate(lines)
    )
    return spec(Chart("Chart per month", mark, "Month", MONTHS, made, unit), "#C2410C", "INR", "en-IN", 300, 100)


def test_a_month_without_a_value_is_a_gap() -> None:
    assert of(Mark.COLUMN, (1, None, 3))["encoding"]["x"]["scale"]["domain"] == ["Jan 26", "Feb 26", "Mar 26"]


def test_axes_begin_at_zero_and_small_counts_have_whole_ticks() -> None:
    assert of(Mark.LINE, (0, 0, 0))["encoding"]["y"]["scale"]["domain"] == [0, 1]
    assert of(Mark.LINE, (0, 2, 1))["encoding"]["y"]["axis"]["values"] == [0, 1, 2]
    assert of(Mark.LINE, (0, 0, 0))["encoding"]["y"]["axis"]["values"] == [0, 1]
    assert "values" not in of(Mark.LINE, (0, 200, 1))["encoding"]["y"]["axis"]


def test_days_do_not_depend_on_the_zone_of_the_machine() -> None:
    made = of(Mark.LINE, (1, 2, 3))
    assert made["encoding"]["x"]["type"] == "temporal"
    assert made["encoding"]["x"]["scale"]["type"] == "utc"
    assert [row["place"] for row in made["data"]["values"]] == ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_lines_differ_in_dash_and_darkness() -> None:
    encoding = of(Mark.LINE, (1, 2, 3), (3, 2, 1), (2, 2, 2))["encoding"]
    dashes, colors = encoding["strokeDash"]["scale"]["range"], encoding["color"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 3
    darkness = [sum(rgb(color)) for color in colors]
    assert min(abs(a - b) for n, a in enumerate(darkness) for b in darkness[:n]) > 60


def test_bars_show_numbers_in_the_makerspaces_locale() -> None:
    chart = Chart("C", Mark.BAR, "M", ("a", "a"), (Line("x", (Decimal(1234567), Decimal(1))),), Unit.MONEY)
    rows = spec(chart, None, "INR", "en-IN", 300, 100)["data"]["values"]
    assert [(row["place"], row["said"]) for row in rows] == [("a", "₹12,34,567.00"), ("a (2)", "₹1.00")]


@pytest.mark.parametrize("color", [None, "red", "#fff", "url(#x)", "#GGGGGG"])
def test_an_invalid_color_becomes_the_default(color: str | None) -> None:
    assert ink(color) == INK


def test_pale_colors_are_darkened_until_they_can_be_read() -> None:
    assert ink("#0F766E") == "#0f766e"
    assert ink("#FFFF66") == "#8e8e39"
    assert between("#000000", 0) == "#f2f2f2"
    assert between("#000000", 1) == "#000000"


def test_every_kind_of_chart_is_drawn() -> None:
    cells = tuple(tuple(Decimal(day * hour) for hour in range(24)) for day in range(7))
    for chart in (
        Heatmap("Heat", Unit.COUNT, "Mean", cells),
        Chart("C", Mark.LINE, "Day", MONTHS, (Line("x", (Decimal(1), None, Decimal(2))),), Unit.HOURS),
    ):
        assert draw(chart, "#0F766E", "EUR", "de", 300, 100).startswith(b"\x89PNG")
