"""Writes a document as a workbook: Summary, a sheet for each chapter with native charts, fact rows, Sources.

xlsxturbo writes it from Polars frames. Numbers have the format of their unit; numbers of more than 15 digits are text,
and no text is a formula.
"""

from pathlib import Path
from typing import Any

import polars as pl
import xlsxturbo

from makrcave_analytics.reports.content.document import Chapter, Chart, Document, DocumentTable, Heatmap, Totals
from makrcave_analytics.reports.rendering.sanitize import fit
from makrcave_analytics.reports.rendering.xlsx.sheet import Sheet, as_table

MAX_ROWS = 1_048_575
"""The most rows of a sheet below its header."""
_FORBIDDEN = str.maketrans({**dict.fromkeys("[]:*?/\\", " "), "'": "\u2019"})
"""Characters that names of sheets must not have. Charts refer to sheets by name, so the apostrophe is replaced too."""
_NAME_LENGTH = 31
_SAMPLED = 500
_WIDEST = 46


def write(document: Document, rows: pl.DataFrame | None, title: str, path: Path) -> None:
    """Write the workbook; `rows` are the fact rows, `title` names them."""
    names: list[str] = []
    sheets = [_summary(document, _name("Summary", names))]
    for section in document.sections:
        blocks = [block for block in section.blocks if not isinstance(block, Totals)]
        if blocks:
            sheets.append(_section(document, Chapter(section.title, tuple(blocks)), _name(section.title, names)))
    made: list[tuple[pl.DataFrame, str, dict[str, Any]]] = [frame for sheet in sheets for frame in sheet.frames()]
    if rows is not None:
        made += fact_sheets(rows, title, names)
    made += _sources(document, _name("Sources", names)).frames()
    xlsxturbo.dfs_to_xlsx(made, str(path))  # type: ignore[arg-type]


def _summary(document: Document, name: str) -> Sheet:
    sheet = Sheet(name, document.currency, document.locale)
    sheet.heading(fit(document.brand.name, 300), 16)
    sheet.heading(document.title, 13)
    facts = [("Period", document.period), ("Compared with", document.compared_with), ("Currency", document.currency)]
    if document.is_sample:
        facts.append(("SAMPLE", "These are made-up sample data, not what happened."))
    sheet.pairs([(key, value) for key, value in facts if value is not None])
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Totals):
                title = block.title if block.title != "Totals" else section.title
                sheet.totals(block, title)
    return sheet


def _section(document: Document, section: Chapter, name: str) -> Sheet:
    sheet = Sheet(name, document.currency, document.locale)
    sheet.heading(section.title, 14)
    sheet.line(f"{fit(document.brand.name, 300)} · {document.period}")
    sheet.freeze(alone=len(section.blocks) == 1)
    for block in section.blocks:
        match block:
            case DocumentTable():
                sheet.table(block)
            case Chart():
                sheet.chart(block)
            case Heatmap():
                sheet.heatmap(block)
    return sheet


def _sources(document: Document, name: str) -> Sheet:
    sheet = Sheet(name, document.currency, document.locale)
    sheet.heading("What this was computed from", 14)
    sheet.pairs(document.sources)
    if document.notes:
        sheet.table(as_table("Notes", ("Note",), [(note,) for note in document.notes]))
    if document.definitions:
        rows = [
            (metric.label, metric.unit.lower(), metric.formula, metric.description) for metric in document.definitions
        ]
        sheet.table(as_table("Definitions", ("Metric", "Unit", "Formula", "Description"), rows))
    return sheet


def fact_sheets(rows: pl.DataFrame, title: str, names: list[str]) -> list[tuple[pl.DataFrame, str, dict[str, Any]]]:
    """Return the sheets of fact rows, at most MAX_ROWS on each."""
    options = {
        "freeze_panes": True,
        "table_style": "Light1",
        "column_widths": _widths(rows),
        "column_formats": {name: _FORMATS[kind] for name, kind in rows.schema.items() if kind in _FORMATS},
        "header_format": {"bold": True},
    }
    count = max(1, -(-rows.height // MAX_ROWS))
    return [
        (
            rows.slice(part * MAX_ROWS, MAX_ROWS),
            _name(title if count == 1 else f"{title} {part + 1}", names),
            options | {"table_name": f"Rows{part + 1}"},
        )
        for part in range(count)
    ]


_FORMATS: dict[Any, dict[str, str]] = {
    pl.Date(): {"num_format": "yyyy-mm-dd"},
    pl.Datetime("us"): {"num_format": "yyyy-mm-dd hh:mm:ss"},
}


def _widths(rows: pl.DataFrame) -> dict[int, float]:
    sampled = rows.head(_SAMPLED)
    found = {}
    for place, name in enumerate(sampled.columns):
        lengths: Any = sampled[name].cast(pl.String, strict=False).str.len_chars().max()
        found[place] = float(min(max(len(name) + 4, (lengths or 0) + 2), _WIDEST))
    return found


def _name(title: str, taken: list[str]) -> str:
    """Return a name for a sheet that Excel allows and no other sheet has."""
    base = " ".join(fit(title, 300).translate(_FORBIDDEN).split())[:_NAME_LENGTH].strip() or "Sheet"
    name, number = base, 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        suffix = f" {number}"
        name = base[: _NAME_LENGTH - len(suffix)] + suffix
    taken.append(name.lower())
    return name
