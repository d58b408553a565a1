"""Together: the rows of several SELECTs by one statement, each as they would be alone. Pure, no I/O.

A round of an operation asks for few rows of many tables: what stands, what to note, what a list holds. One after
another they would cost more turns than work.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select


def combine(statements: Sequence[Select[Any]]) -> Select[Any]:
    """Select one row with a column a statement: all of its rows, in their order, as an array of records."""
    found = [statement.subquery(f"asked_{number}") for number, statement in enumerate(statements)]
    return select(*(select(func.array_agg(func.row(*rows.c))).scalar_subquery().label(rows.name) for rows in found))


def split_rows(statements: Sequence[Select[Any]], row: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the rows of each statement, from the one row of `combine`; values are as the driver makes them."""
    names = [[column.name for column in statement.selected_columns] for statement in statements]
    return [
        [dict(zip(of, record, strict=True)) for record in records or ()]
        for of, records in zip(names, row.values(), strict=True)
    ]
