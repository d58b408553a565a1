"""The words the tables are written in: column types that recur, and one metadata for all of them."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "idx_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Identifier = String(100)
"""An id that the caller chose: of a person, a machine, an item, a project, a transaction."""
Instant = DateTime(timezone=True)
Money = Numeric(18, 4)
"""Exact, in the currency beside it; the checks at the door keep it to the currency's minor units."""
Quantity = Numeric(18, 6)


def tenant() -> Column[Any]:
    """Return the column that every key starts with."""
    return Column("makerspace_id", UUID(as_uuid=True), primary_key=True)


def key(name: str, kind: Any) -> Column[Any]:
    """Return a further column of a table's primary key."""
    return Column(name, kind, primary_key=True)


def needed(name: str, kind: Any, default: Any = None) -> Column[Any]:
    """Return a column that is never null; `default` is SQL."""
    return Column(name, kind, nullable=False, server_default=default)


def absent(name: str, kind: Any) -> Column[Any]:
    """Return a column that may be null, for what is unknown or not yet so."""
    return Column(name, kind, nullable=True)


__all__ = [
    "JSONB",
    "UUID",
    "Identifier",
    "Instant",
    "Money",
    "Quantity",
    "Text",
    "absent",
    "key",
    "metadata",
    "needed",
    "tenant",
]
