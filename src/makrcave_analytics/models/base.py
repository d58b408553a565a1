"""Column types and columns that recur, and the metadata of all tables."""

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
"""An id that the sender chose: of a person, a machine, an item, a project, a transaction."""
Instant = DateTime(timezone=True)
Money = Numeric(18, 4)
"""An exact amount. The checks of recording limit it to the decimals of its currency."""
Quantity = Numeric(18, 6)


def tenant() -> Column[Any]:
    """Return makerspace_id, the first column of every key."""
    return Column("makerspace_id", UUID(as_uuid=True), primary_key=True)


def key(name: str, kind: Any) -> Column[Any]:
    """Return a further column of the primary key."""
    return Column(name, kind, primary_key=True)


def needed(name: str, kind: Any, default: Any = None) -> Column[Any]:
    """Return a column that is never null; `default` is SQL."""
    return Column(name, kind, nullable=False, server_default=default)


def absent(name: str, kind: Any) -> Column[Any]:
    """Return a column that may be null: unknown, or not yet known."""
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
