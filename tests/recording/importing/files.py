"""Writes the same rows as a file of each format."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

Rows = Sequence[Mapping[str, Any]]


def write_csv(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(rows[0])
        writer.writerows([_text(row[name]) for name in rows[0]] for row in rows)
    return path


def write_semicolons(path: Path, rows: Rows) -> Path:
    """CSV of German spreadsheets: a byte order mark, semicolons, and commas in decimals."""
    commas = [{name: _comma(value) for name, value in row.items()} for row in rows]
    return write_csv(path, commas, ";", "utf-8-sig")


def write_tabs(path: Path, rows: Rows) -> Path:
    """Excel's "Unicode text": UTF-16 with tabs."""
    return write_csv(path, rows, "\t", "utf-16")


def write_xlsx(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([_excel(row[name]) for name in rows[0]])
    book.save(path)
    return path


def write_ndjson(path: Path, rows: Rows) -> Path:
    lines = (json.dumps({name: _json(value) for name, value in row.items()}, ensure_ascii=False) for row in rows)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


FORMATS: Mapping[str, tuple[str, Callable[[Path, Rows], Path]]] = {
    "commas": ("csv", write_csv),
    "semicolons": ("csv", write_semicolons),
    "tabs": ("txt", write_tabs),
    "workbook": ("xlsx", write_xlsx),
    "ndjson": ("ndjson", write_ndjson),
}


def write(folder: Path, format_: str, rows: Rows, stem: str = "file") -> Path:
    ending, writer = FORMATS[format_]
    return writer(folder / f"{stem}.{ending}", rows)


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _comma(value: Any) -> Any:
    return str(value).replace(".", ",") if isinstance(value, Decimal | float) else value


def _excel(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return float(value) if isinstance(value, Decimal) else value


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value
