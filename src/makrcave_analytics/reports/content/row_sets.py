"""Rows: the facts of a period as a table with names next to ids, declared once for all formats.

The SQL is text here, because COPY takes no expression tree. $1 is the makerspace, $2 and $3 the half-open period.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from makrcave_analytics.metrics.privacy.visibility import Sensitive, Visibility
from makrcave_analytics.models.currency import UNUSUAL_DECIMALS, minor_units
from makrcave_analytics.period import Span
from makrcave_analytics.reports.content.context import ReportContext

Sql = Callable[[str], str]


class CellKind(StrEnum):
    """The kind of a column's cells."""

    TEXT = "TEXT"
    CELL = "CELL"
    """SQL that gives the finished cell."""
    INSTANT = "INSTANT"
    DAY = "DAY"
    NUMBER = "NUMBER"
    MONEY = "MONEY"
    FLAG = "FLAG"


@dataclass(frozen=True)
class RowColumn:
    """A column: its name, its SQL, and whether it holds sensitive data."""

    name: str
    sql: str
    kind: CellKind = CellKind.TEXT
    holds: Sensitive | None = None
    hidden: str = "NULL"
    """The SQL of what is written instead where the sensitive data may not be shown."""


@dataclass(frozen=True)
class Rows:
    """One table of facts."""

    title: str
    stage: str
    """The stage that is shown while they are read."""
    table: str
    """The name of the table; its alias is f."""
    columns: tuple[RowColumn, ...]
    joins: tuple["Join", ...]
    at: str
    """The column that the period is about: an instant, or a day where `by_day`."""
    order: str
    narrowed: Mapping[str, str]
    """The column that a filter applies to, by the filter's name."""
    expected: str
    """The SELECT that counts the rows, or somewhat more; used for the progress only."""
    by_day: bool = False


@dataclass(frozen=True)
class Join:
    """A join of names to facts. Names become cells before the join, while they are few."""

    sql: str

    def write(self, text: Sql) -> str:
        """Write the SQL; `text` writes the cell of a name."""
        return self.sql.replace("{display_name}", text("display_name")).replace("{name}", text("name"))


PERSON_SQL = """LEFT JOIN (
    SELECT user_id, {display_name} AS name, pseudonym,
        'Member ' || upper(substr(pseudonym, 3, 4) || '-' || substr(pseudonym, 7, 4)) AS alias
    FROM members WHERE makerspace_id = $1
) person ON person.user_id = f."""
MACHINE = Join("""LEFT JOIN (
    SELECT equipment_id, {name} AS name, category FROM equipment WHERE makerspace_id = $1
) machine ON machine.equipment_id = f.equipment_id""")
ITEM = Join("""LEFT JOIN (
    SELECT item_id, {name} AS name, category, unit FROM inventory_items WHERE makerspace_id = $1
) item ON item.item_id = f.item_id""")
PROJECT = Join("""LEFT JOIN (
    SELECT project_id, {name} AS name FROM project_analytics WHERE makerspace_id = $1
) project ON project.project_id = f.project_id""")


def person(column: str) -> Join:
    """Join members to a column with user ids."""
    return Join(PERSON_SQL + column)


def person_columns(column: str, id_name: str, name: str) -> tuple[RowColumn, RowColumn]:
    """Return the columns of a person: id and name, the pseudonym where people are not shown."""
    people = Sensitive.PEOPLE
    return (
        RowColumn(id_name, f"f.{column}", holds=people, hidden="person.pseudonym"),
        RowColumn(name, "person.name", CellKind.CELL, holds=people, hidden="person.alias"),
    )


@dataclass(frozen=True)
class Style:
    """How the SQL of cells is written, by their kind."""

    text: Sql
    instant: Sql
    has_offsets: bool = False
    """True: each instant has a second column with its offset from UTC."""

    def cell(self, column: RowColumn, sql: str, currency: str) -> str:
        """Write the SQL of one cell."""
        match column.kind:
            case CellKind.TEXT:
                return self.text(sql)
            case CellKind.INSTANT:
                return self.instant(sql)
            case CellKind.NUMBER:
                return f"trim_scale({sql})"
            case CellKind.MONEY:
                return f"round({sql}, greatest(min_scale({sql}), {currency}))"
            case CellKind.FLAG:
                return f"CASE {sql} WHEN true THEN 'true' WHEN false THEN 'false' END"
            case _:
                return sql


@dataclass(frozen=True)
class RowQuery:
    """A SELECT with its arguments and the columns of its result."""

    sql: str
    arguments: tuple[Any, ...]
    columns: tuple[RowColumn, ...]


def compile_rows(rows: Rows, context: ReportContext, style: Style, most: int | None = None) -> RowQuery:
    """Write the SELECT of a report's rows, in order. `most` limits them."""
    report, span, currency = context.report, context.scope.period.span(), context.scope.currency
    arguments: list[UUID | Any] = [report.makerspace.value, *_edges(rows, span)]
    conditions = ["f.makerspace_id = $1", f"{rows.at} >= $2", f"{rows.at} < $3", "f.voided_at IS NULL"]
    for name, narrowed in rows.narrowed.items():
        if wanted := (report.filters or {}).get(name):
            arguments.append(wanted)
            conditions.append(f"{narrowed} = ANY (${len(arguments)}::text[])")
    columns = [_seen(column, context.visibility) for column in rows.columns]
    digits = str(minor_units(currency)) if "currency" not in {c.name for c in columns} else _digits("f.currency")
    cells: list[str] = []
    given: list[RowColumn] = []
    for column in columns:
        cells.append(f"{style.cell(column, column.sql, digits)} AS {column.name}")
        given.append(column)
        if column.kind is CellKind.INSTANT and style.has_offsets:
            offset = RowColumn(f"{column.name}_offset", f"to_char({column.sql}, 'TZH:TZM')", CellKind.CELL)
            cells.append(f"{offset.sql} AS {offset.name}")
            given.append(offset)
    joined = "\n".join(join.write(style.text) for join in rows.joins)
    source = f"FROM {rows.table} f\n{joined}\nWHERE {' AND '.join(conditions)}"
    limit = "" if most is None else f"\nLIMIT {most}"
    listed = ",\n    ".join(cells)
    return RowQuery(
        sql=f"SELECT\n    {listed}\n{source}\nORDER BY {rows.order}{limit}",
        arguments=tuple(arguments),
        columns=tuple(given),
    )


def _edges(rows: Rows, span: Span) -> Sequence[Any]:
    return (span.first_day, span.date_until) if rows.by_day else (span.since, span.until)


def _seen(column: RowColumn, visibility: Visibility) -> RowColumn:
    if column.holds is None or visibility.shows(column.holds):
        return column
    return RowColumn(column.name, column.hidden, CellKind.CELL)


def _digits(currency: str) -> str:
    """Write the SQL of a currency's number of decimals."""
    cases = " ".join(f"WHEN '{code}' THEN {decimals}" for code, decimals in UNUSUAL_DECIMALS.items())
    return f"CASE {currency} {cases} ELSE 2 END"
