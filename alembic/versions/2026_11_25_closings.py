"""Leases for closing the days of a makerspace, and the last closed day."""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CURRENT = "nullif(current_setting('app.makerspace_id', true), '')::uuid"


def upgrade() -> None:
    """Create the table with row-level security by makerspace."""
    op.execute(
        """
        CREATE TABLE closings (
            makerspace_id uuid NOT NULL,
            closed_on date,
            attempts integer DEFAULT '0' NOT NULL,
            lease_until timestamptz,
            CONSTRAINT closings_pkey PRIMARY KEY (makerspace_id)
        )
        """
    )
    op.execute(
        "COMMENT ON TABLE closings IS 'closed_on: the last local day up to which everything that ended has its closing "
        "figures. attempts is the fencing token of the lease.'"
    )
    op.execute("ALTER TABLE closings ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY makerspace ON closings TO makrcave_writer, makrcave_reader "
        f"USING (makerspace_id = {CURRENT}) WITH CHECK (makerspace_id = {CURRENT})"
    )
    op.execute("CREATE POLICY everything ON closings FOR SELECT TO makrcave_system USING (true)")
    op.execute("GRANT SELECT ON closings TO makrcave_reader, makrcave_system")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON closings TO makrcave_writer")


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE closings")
