"""Combines several SELECTs into one statement that returns the rows of each. Pure, no I/O.

One round of an operation needs a few rows of many tables: counts, notes, lists. One statement for each would cost more
round trips than work.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select


def combine_selects(statements: Sequence[Select[Any]]) -> Select[Any]:
    """Return a SELECT of one row, with one column per statement: its rows in their order, as an array of records."""
    found = [statement.subquery(f"asked_{number}") for number, statement in enumerate(statements)]
    return select(*(select(func.array_agg(func.row(*rows.c))).scalar_subquery().label(rows.name) for rows in found))


def split_rows(statements: Sequence[Select[Any]], row: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the rows of each statement from the one row of `combine_selects`, as the driver returns the values."""
    names = [[column.name for column in statement.selected_columns] for statement in statements]
    return [
        [dict(zip(of, record, strict=True)) for record in records or ()]
        for of, records in zip(names, row.values(), strict=True)
    ]
