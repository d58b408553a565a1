"""Indexes that find unsynced machines in the facts, and the latest fact of a project."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEXES = (
    ("usage_events", "equipment", "timestamp"),
    ("usage_events", "project", "timestamp"),
    ("revenue_analytics", "equipment", "transaction_date"),
)


def upgrade() -> None:
    """Index the ids that facts name, without nulls."""
    for table, named, day in INDEXES:
        op.execute(
            f"CREATE INDEX idx_{table}_{named} ON {table} (makerspace_id, {named}_id, {day}) "
            f"WHERE {named}_id IS NOT NULL"
        )


def downgrade() -> None:
    """Drop the indexes."""
    for table, named, _ in INDEXES:
        op.execute(f"DROP INDEX idx_{table}_{named}")
