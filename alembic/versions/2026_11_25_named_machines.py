"""Find the machines that events and revenue name, one look into an index a machine."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004_named_machines"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("usage_events", "revenue_analytics")


def upgrade() -> None:
    """Index the machine of what names one."""
    for table in TABLES:
        op.execute(
            f"CREATE INDEX idx_{table}_equipment ON {table} (makerspace_id, equipment_id) "
            "WHERE equipment_id IS NOT NULL"
        )


def downgrade() -> None:
    """Drop the indexes."""
    for table in TABLES:
        op.execute(f"DROP INDEX idx_{table}_equipment")
