"""Values in a workbook: numbers and days where Excel can hold them exactly, else text."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest

from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import (
    Brand,
    Chapter,
    Chart,
    Column,
    Document,
    DocumentTable,
    Line,
    Mark,
)
from makrcave_analytics.reports.rendering.xlsx import workbook

BERLIN = ZoneInfo("Europe/Berlin")


def document(*blocks, title: str = "Odd", currency: str = "EUR", locale: str = "de") -> Document:
    return Document(
        title="Test",
        brand=Brand("Workshop", None, None),
        period="Mar 2026",
        compared_with=None,
        currency=currency,
        locale=locale,
        made_at=datetime(2026, 4, 1, tzinfo=UTC),
        sections=(Chapter(title, blocks),),
        notes=(),
        sources=(),
    )


def written(path: Path, made: Document, rows: pl.DataFrame | None = None):
    workbook.write(made, rows, "Rows", path)
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


VALUES = [
    (Decimal("1234.56"), 1234.56, "n"),
    (Decimal("-0"), 0, "n"),
    (Decimal(2**53 + 1), "9007199254740993", "s"),
    (Decimal("123456789012345.678901234567890"), "123456789012345.678901234567890", "s"),
    (Decimal("0.1"), 0.1, "n"),
    (None, None, "n"),
]


@pytest.mark.parametrize(("value", "shown", "kind"), VALUES)
def test_numbers_are_exact_or_text(tmp_path, value, shown, kind) -> None:
    table = DocumentTable("Values", (Column("value", "Value", Unit.QUANTITY),), [(value,), (Decimal(1),)])
    cell = written(tmp_path / "x.xlsx", document(table))["Odd"]["A6"]
    assert (cell.value, cell.data_type) == (shown, kind)


def test_instants_are_local_and_days_before_excels_are_text(tmp_path) -> None:
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]
    days = [date(1800, 1, 1), date(9999, 12, 31), date(2026, 3, 1)]
    at = DocumentTable("At", (Column("at", "At"),), [(moment,) for moment in twice])
    on = DocumentTable("On", (Column("on", "On"),), [(day,) for day in days])
    sheet = written(tmp_path / "x.xlsx", document(at, on))["Odd"]
    assert [sheet[f"A{row}"].value for row in (6, 7)] == [datetime(2026, 10, 25, 2, 30)] * 2  # noqa: DTZ001
    start = next(row[0].row for row in sheet.iter_rows() if row[0].value == "On" and row[0].font.bold) + 2
    assert sheet[f"A{start}"].value == "1800-01-01"
    assert [sheet[f"A{start + n}"].value.date() for n in (1, 2)] == days[1:]


@pytest.mark.parametrize(
    ("currency", "locale", "form"),
    [
        ("EUR", "de", '#,##0.00 "€"'),
        ("INR", "en-IN", '"₹"#,##0.00'),
        ("JPY", "ja", '"￥"#,##0'),
        ("KWD", "en", '"KWD"#,##0.000'),
    ],
)
def test_money_has_the_sign_and_the_digits_of_its_currency(tmp_path, currency, locale, form) -> None:
    table = DocumentTable("Money", (Column("amount", "Amount", Unit.MONEY),), [(Decimal("12.5"),)])
    made = written(tmp_path / "x.xlsx", document(table, currency=currency, locale=locale))
    assert made["Odd"]["A6"].number_format == form


def test_names_of_sheets_are_valid_in_excel(tmp_path) -> None:
    table = DocumentTable("T", (Column("a", "A"),), [("x",)])
    titles = ["a/b[c]*?:\\", "'quoted'", "n" * 40, "N" * 31, "Summary", "History", "[]"]
    made = Document(**{**vars(document()), "sections": tuple(Chapter(title, (table,)) for title in titles)})
    names = written(tmp_path / "x.xlsx", made).sheetnames
    assert names == [
        "Summary",
        "a b c",
        "’quoted’",
        "n" * 31,
        "N" * 29 + " 2",
        "Summary 2",
        "History 2",
        "Sheet",
        "Sources",
    ]


def test_a_chart_is_native_and_draws_the_cells_next_to_it(tmp_path) -> None:
    days = tuple(date(2026, 3, day) for day in range(1, 4))
    chart = Chart("Visits", Mark.LINE, "Day", days, (Line("Visits", (Decimal(1), None, Decimal(3))),), Unit.COUNT)
    sheet = written(tmp_path / "x.xlsx", document(chart, title="It's"))["It’s"]
    (drawn,) = sheet._charts
    (series,) = drawn.series
    assert series.val.numRef.f == "'It’s'!$B$6:$B$8"
    assert series.cat.numRef.f == "'It’s'!$A$6:$A$8"
    assert [sheet[f"A{row}"].value.date() for row in (6, 7, 8)] == list(days)
    assert [sheet[f"B{row}"].value for row in (6, 7, 8)] == [1, None, 3]
    assert sheet["A6"].number_format == "yyyy-mm-dd"


def test_rows_are_split_where_a_sheet_is_full() -> None:
    for count, sizes in ((0, [0]), (1, [1]), (1_048_575, [1_048_575]), (1_048_576, [1_048_575, 1])):
        sheets = workbook.fact_sheets(pl.DataFrame({"n": pl.int_range(count, eager=True)}), "Rows", [])
        assert [frame.height for frame, _, _ in sheets] == sizes
        assert [name for _, name, _ in sheets] == (["Rows"] if len(sizes) == 1 else ["Rows 1", "Rows 2"])
