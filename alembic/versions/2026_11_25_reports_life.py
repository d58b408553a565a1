"""Reports that are retried, share files, and send notifications."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

UP = """
ALTER TABLE report_requests
    ADD COLUMN attempts_allowed integer DEFAULT '5' NOT NULL,
    ADD COLUMN webhook_seed bytea;
ALTER TABLE report_schedules RENAME COLUMN webhook_secret TO webhook_seed;
CREATE INDEX idx_report_requests_file ON report_requests (makerspace_id, file_id) WHERE file_id IS NOT NULL;
DROP INDEX idx_deliveries_owed;
CREATE INDEX idx_deliveries_owed ON deliveries (makerspace_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX idx_deliveries_report ON deliveries (makerspace_id, report_id);
COMMENT ON TABLE report_requests IS
    'attempts is the fencing token of the lease and only grows; permissions are those of the asking. explore: the '
    'table of a CUSTOM report. sent_at: when a message was last put into the queue. webhook_seed: random, the secret '
    'of the signatures is derived from it.';
COMMENT ON TABLE report_schedules IS 'webhook_seed: as in report_requests, which take it over.';
"""

DOWN = """
COMMENT ON TABLE report_schedules IS 'webhook_secret is sealed.';
COMMENT ON TABLE report_requests IS
    'attempts is the fencing token of the lease; permissions are those of the asking. explore: the table of a '
    'CUSTOM report. sent_at: when a message was last put into the queue.';
DROP INDEX idx_deliveries_report;
DROP INDEX idx_deliveries_owed;
CREATE INDEX idx_deliveries_owed ON deliveries (makerspace_id, next_attempt_at);
DROP INDEX idx_report_requests_file;
ALTER TABLE report_schedules RENAME COLUMN webhook_seed TO webhook_secret;
ALTER TABLE report_requests DROP COLUMN webhook_seed, DROP COLUMN attempts_allowed;
"""


def upgrade() -> None:
    """Add the columns and tables of retries, shared files and deliveries."""
    _run(UP)


def downgrade() -> None:
    """Drop them."""
    _run(DOWN)


def _run(statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            op.execute(statement)
