"""Refunds are found by their own index: they take days of service and flag from what they pay back."""

from collections.abc import Sequence

from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the index."""
    op.execute(
        "CREATE INDEX idx_revenue_analytics_refund ON revenue_analytics (makerspace_id, refund_of) "
        "WHERE refund_of IS NOT NULL"
    )


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP INDEX idx_revenue_analytics_refund")
