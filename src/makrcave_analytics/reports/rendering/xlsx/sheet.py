"""Sheet: blocks of a document below each other, as frames and cells for xlsxturbo."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from makrcave_analytics.metrics.display.format import money_pattern
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import Chart, Column, DocumentTable, Heatmap, Mark, Totals, Value
from makrcave_analytics.reports.rendering.color import between, ink
from makrcave_analytics.reports.rendering.sanitize import fit
from makrcave_analytics.reports.rendering.xlsx.cells import (
    CELL_LENGTH,
    as_text,
    distinct,
    fixed,
    is_long,
    naive,
    number,
    plain,
    ref,
)

_CHART = (620, 300)
_ROW_PIXELS = 20
_GAP = 2
_NARROW, _WIDE, _WIDEST = 9.0, 22.0, 60.0
_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.HOURS: '#,##0.0" h"',
    Unit.MINUTES: '#,##0" min"',
    Unit.DAYS: '#,##0.0" d"',
    Unit.PERCENT: '#,##0.0" %"',
    Unit.QUANTITY: "#,##0.###",
    Unit.PER_MEMBER: "#,##0.00",
    Unit.KWH: '#,##0.0" kWh"',
}
_MARKS = {Mark.LINE: "line", Mark.COLUMN: "column", Mark.BAR: "bar"}
_HEADER = {"bold": True, "bg_color": "#E7E9EC", "border_bottom": True, "wrap_text": True, "align_vertical": "top"}


def as_table(title: str, labels: Sequence[str], rows: Sequence[tuple[Value, ...]]) -> DocumentTable:
    """Make a table of texts."""
    return DocumentTable(title, tuple(Column(label.lower(), label, is_wide=True) for label in labels), rows)


class Sheet:
    """A sheet that grows downwards."""

    def __init__(self, name: str, currency: str, locale: str) -> None:
        self.name = name
        self._money = money_pattern(currency, locale)
        self._row = 0
        self._cells: dict[str, Any] = {}
        self._charts: dict[str, Any] = {}
        self._widths: dict[int, float] = {}
        self._frames: list[tuple[pl.DataFrame, dict[str, Any]]] = []
        self._freeze: bool | tuple[int, int] = False

    def frames(self) -> list[tuple[pl.DataFrame, str, dict[str, Any]]]:
        """Return the frames for xlsxturbo. Options of the whole sheet go with its first frame."""
        frames = self._frames or [(pl.DataFrame({"": [""]}), {"startrow": self._row, "header": False})]
        whole = {
            "cells": self._cells,
            "charts": self._charts,
            "column_widths": self._widths,
            "freeze_panes": self._freeze,
        }
        return [
            (frame, self.name, options | (whole if place == 0 else {})) for place, (frame, options) in enumerate(frames)
        ]

    def heading(self, text: str, size: int) -> None:
        """Write a line of large type."""
        self._set(self._row, 0, {"value": text, "format": {"bold": True, "font_size": size}})
        self._row += 1

    def line(self, text: str) -> None:
        """Write a line and an empty one."""
        self._set(self._row, 0, {"value": text, "format": {"font_color": "#555555"}})
        self._row += 2

    def freeze(self, *, alone: bool) -> None:
        """Freeze the rows above here; `alone`: with the header of the one table that follows."""
        self._freeze = (self._row + 2, 0) if alone else (self._row - 1, 0)

    def pairs(self, pairs: Sequence[tuple[str, str | None]]) -> None:
        """Write names and values in two columns."""
        for name, value in pairs:
            self._set(self._row, 0, {"value": name, "format": {"font_color": "#555555"}})
            self._set(self._row, 1, {"value": fit(value or "", CELL_LENGTH)})
            self._row += 1
        self._widen([[name for name, _ in pairs]])
        self._row += 1

    def totals(self, totals: Totals, title: str) -> None:
        """Write figures below each other, each with the format of its unit."""
        columns = [Column("metric", "Metric", is_wide=True), Column("value", "Value"), Column("unit", "Unit")]
        if totals.is_compared:
            columns[2:2] = [Column("previous", "Previous"), Column("change", "Change", Unit.PERCENT)]
        rows: list[tuple[Value, ...]] = []
        for figure in totals.figures:
            compared = (figure.previous, figure.change_percent) if totals.is_compared else ()
            unit = "" if figure.unit is Unit.COUNT else figure.unit.lower().replace("_", " ")
            rows.append((figure.label, figure.value, *compared, unit))
        first = self._table(DocumentTable(title, tuple(columns), rows))
        for place, figure in enumerate(totals.figures):
            for column, value in ((1, figure.value), *(((2, figure.previous),) if totals.is_compared else ())):
                if value is not None and not is_long(value):
                    form = {"num_format": self._format(figure.unit)}
                    self._set(first + place, column, {"value": float(value), "format": form})

    def table(self, table: DocumentTable) -> None:
        """Write a table with its title above it."""
        self._table(table)

    def _table(self, table: DocumentTable) -> int:
        """Write a table; return the sheet's row of its first line."""
        self._title(table.title)
        first = self._row + 1
        self._frame(table.columns, table.rows)
        if table.note:
            self._set(self._row, 0, {"value": table.note, "format": {"italic": True, "font_color": "#555555"}})
            self._row += 1
        self._row += _GAP - 1
        return first

    def chart(self, chart: Chart) -> None:
        """Write the values of a chart, and a native chart next to them."""
        self._title(chart.title)
        top = self._row
        columns = (
            Column("place", chart.place_label, is_wide=chart.mark is Mark.BAR),
            *(Column(f"line_{place}", line.label, chart.unit) for place, line in enumerate(chart.lines)),
        )
        values = zip(*(line.values for line in chart.lines), strict=True)
        places: Sequence[Value] = chart.places
        self._frame(columns, [(place, *row) for place, row in zip(places, values, strict=True)])
        if not chart.is_empty:
            self._charts[ref(top, len(columns) + 1)] = self._drawing(chart, top)
            self._row = max(self._row, top + _CHART[1] // _ROW_PIXELS + 1)
        self._row += _GAP

    def _drawing(self, chart: Chart, top: int) -> Mapping[str, Any]:
        last = top + len(chart.places)

        def range_(column: int) -> str:
            return f"'{self.name}'!{fixed(top + 1, column)}:{fixed(last, column)}"

        return {
            "type": _MARKS[chart.mark],
            "title": chart.title,
            "series": [
                {"name": line.label, "values": range_(place), "categories": range_(0)}
                for place, line in enumerate(chart.lines, start=1)
            ],
            "show_legend": len(chart.lines) > 1,
            "legend_position": "bottom",
            "width": _CHART[0],
            "height": _CHART[1],
        }

    def heatmap(self, heatmap: Heatmap) -> None:
        """Write the hours of a week; larger values have a darker background."""
        self._title(f"{heatmap.title} ({heatmap.label.lower()})")
        top = self._row
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        hours = tuple(Column(f"hour_{hour:02}", f"{hour:02}", heatmap.unit) for hour in range(24))
        rows = [(day, *cells) for day, cells in zip(days, heatmap.cells, strict=True)]
        self._frame((Column("day", "Day", is_wide=True), *hours), rows)
        most = max((value for cells in heatmap.cells for value in cells if value is not None), default=Decimal(0))
        for day, cells in enumerate(heatmap.cells):
            for hour, value in enumerate(cells):
                if value is not None and most > 0:
                    share = float(value / most)
                    form = {
                        "bg_color": between(ink(None), share),
                        "font_color": "#FFFFFF" if share > 0.5 else "#222222",
                        "num_format": "0.00",
                    }
                    self._set(top + 1 + day, 1 + hour, {"value": float(value), "format": form})
        self._row += _GAP

    def _title(self, text: str) -> None:
        self._set(self._row, 0, {"value": text, "format": {"bold": True, "font_size": 12}})
        self._row += 1

    def _frame(self, columns: Sequence[Column], rows: Sequence[tuple[Value, ...]]) -> None:
        """Add a frame at the current row: header and rows."""
        names = distinct([fit(column.label, 255) for column in columns])
        series, formats = [], {}
        for place, (name, column) in enumerate(zip(names, columns, strict=True)):
            values = [row[place] for row in rows]
            made = self._series(name, values, column)
            series.append(made)
            if (form := self._form(made, column)) is not None:
                formats[name] = form
            for at, value in enumerate(values):
                if isinstance(value, int | Decimal) and not isinstance(value, bool) and is_long(value):
                    self._set(self._row + 1 + at, place, {"value": plain(value), "num_format": "@"})
        self._frames.append(
            (
                pl.DataFrame(series),
                {
                    "startrow": self._row,
                    "column_formats": formats,
                    "header_format": _HEADER,
                    "table_style": None,
                },
            )
        )
        self._widen([[name, *(row[place] for row in rows)] for place, name in enumerate(names)])
        self._row += 1 + len(rows)

    def _series(self, name: str, values: Sequence[Value], column: Column) -> pl.Series:
        there = [value for value in values if value is not None]
        if there and all(isinstance(value, bool) for value in there):
            return pl.Series(name, values, pl.Boolean)
        if (there and all(isinstance(value, int | Decimal) for value in there)) or (not there and column.unit):
            return pl.Series(name, [number(value) for value in values], pl.Float64)
        if there and all(isinstance(value, datetime) for value in there):
            return pl.Series(name, [naive(value) for value in values], pl.Datetime("us"))
        if there and all(isinstance(value, date) and not isinstance(value, datetime) for value in there):
            return pl.Series(name, values, pl.Date)
        return pl.Series(name, [None if value is None else as_text(value) for value in values], pl.String)

    def _form(self, series: pl.Series, column: Column) -> dict[str, Any] | None:
        if column.unit is not None:
            return {"num_format": self._format(column.unit)}
        if series.dtype == pl.Date:
            return {"num_format": "yyyy-mm-dd", "align_horizontal": "left"}
        if series.dtype == pl.Datetime:
            return {"num_format": "yyyy-mm-dd hh:mm", "align_horizontal": "left"}
        return {"wrap_text": True, "align_vertical": "top"} if column.is_wide else None

    def _format(self, unit: Unit) -> str:
        return self._money if unit is Unit.MONEY else _FORMATS[unit]

    def _widen(self, columns: Sequence[Sequence[Value]]) -> None:
        """Widen columns to fit their values."""
        for place, values in enumerate(columns):
            longest = max((len(as_text(value)) for value in values if value is not None), default=0)
            width = min(max(longest * 1.1 + 2, _NARROW), _WIDEST)
            self._widths[place] = max(self._widths.get(place, 0.0), width)

    def _set(self, row: int, column: int, cell: Mapping[str, Any]) -> None:
        self._cells[ref(row, column)] = cell
