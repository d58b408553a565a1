"""Access: the roles of the processes, and row-level security by makerspace.

Roles belong to the cluster, so they may be there already, made for another database; downgrade keeps them.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ROLES = ("makrcave_writer", "makrcave_reader", "makrcave_system")
TENANT_TABLES = (
    *("members", "equipment", "inventory_items"),
    *("usage_events", "equipment_usage_logs", "inventory_analytics", "project_analytics", "revenue_analytics"),
    *("event_hours", "member_presence", "analytics_snapshots", "freshness", "tombstones", "audit_log"),
    *("report_requests", "report_files", "report_schedules", "deliveries"),
)
TABLES = {"makerspaces": "id"} | dict.fromkeys(TENANT_TABLES, "makerspace_id")

# An absent or empty setting gives null, and null equals no id: without the setting there are no rows.
CURRENT = "nullif(current_setting('app.makerspace_id', true), '')::uuid"


def upgrade() -> None:
    """Create the roles if absent, grant them their tables, and add row-level security by makerspace to each table."""
    for role in ROLES:
        op.execute(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        # The processes use the login that migrates, so it must be able to act as each role.
        op.execute(f"GRANT {role} TO CURRENT_USER")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    for table, column in TABLES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY makerspace ON {table} TO makrcave_writer, makrcave_reader "
            f"USING ({column} = {CURRENT}) WITH CHECK ({column} = {CURRENT})"
        )
        op.execute(f"CREATE POLICY everything ON {table} FOR SELECT TO makrcave_system USING (true)")
        op.execute(f"GRANT SELECT ON {table} TO makrcave_reader, makrcave_system")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO makrcave_writer")


def downgrade() -> None:
    """Drop the policies and revoke the grants."""
    for table in TABLES:
        op.execute(f"DROP POLICY makerspace ON {table}")
        op.execute(f"DROP POLICY everything ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {', '.join(ROLES)}")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {', '.join(ROLES)}")
