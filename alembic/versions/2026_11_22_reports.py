"""The tables of reports: requests, files, schedules, deliveries."""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

REPORTS = """
CREATE TABLE report_requests (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    format text NOT NULL,
    compare_to text,
    currency text,
    filters jsonb,
    explore jsonb,
    permissions jsonb NOT NULL,
    notify jsonb,
    preset text,
    start_date date NOT NULL,
    end_date date NOT NULL,
    subject_user_id varchar(100),
    status text DEFAULT 'PENDING' NOT NULL,
    progress float DEFAULT '0' NOT NULL,
    stage text,
    requested_by varchar(100) NOT NULL,
    requested_by_name text NOT NULL,
    requested_at timestamptz DEFAULT now() NOT NULL,
    idempotency_key varchar(100),
    idempotency_digest bytea,
    schedule_id uuid,
    sent_at timestamptz,
    attempts integer DEFAULT '0' NOT NULL,
    lease_until timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    expires_at timestamptz,
    error_code text,
    error_message text,
    file_id uuid,
    data_version bigint,
    CONSTRAINT report_requests_pkey PRIMARY KEY (makerspace_id, id),
    CONSTRAINT uq_report_requests_makerspace_id_idempotency_key UNIQUE (makerspace_id, idempotency_key)
);
CREATE INDEX idx_report_requests_requested_at ON report_requests (makerspace_id, requested_at, id);
CREATE INDEX idx_report_requests_waiting
    ON report_requests (makerspace_id, requested_at) WHERE status IN ('PENDING', 'PROCESSING');
COMMENT ON TABLE report_requests IS
    'attempts is the fencing token of the lease; permissions are those of the asking. explore: the table of a '
    'CUSTOM report. sent_at: when a message was last put into the queue.';

CREATE TABLE report_files (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    sharing_key bytea,
    name text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    rows bigint NOT NULL,
    sha256 text NOT NULL,
    path text NOT NULL,
    data_version bigint NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT report_files_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_report_files_sharing_key ON report_files (makerspace_id, sharing_key);
COMMENT ON TABLE report_files IS
    'Shared by the requests that ask for the same at the same version. path: within the report storage.';

CREATE TABLE report_schedules (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    format text NOT NULL,
    compare_to text,
    currency text,
    filters jsonb,
    explore jsonb,
    permissions jsonb NOT NULL,
    notify jsonb,
    preset text NOT NULL,
    cron text NOT NULL,
    created_by varchar(100) NOT NULL,
    created_by_name text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    is_active boolean DEFAULT 'true' NOT NULL,
    next_run_at timestamptz,
    last_report_id uuid,
    webhook_secret bytea,
    CONSTRAINT report_schedules_pkey PRIMARY KEY (makerspace_id, id)
);
COMMENT ON TABLE report_schedules IS
    'webhook_secret is sealed.';

CREATE TABLE deliveries (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    attempts integer DEFAULT '0' NOT NULL,
    lease_until timestamptz,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    failed_at timestamptz,
    last_error text,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT deliveries_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_deliveries_owed ON deliveries (makerspace_id, next_attempt_at);
COMMENT ON TABLE deliveries IS
    'kind: webhook or email. next_attempt_at null: nothing more is owed.';
"""


def upgrade() -> None:
    """Create every table with its indexes."""
    for statement in REPORTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop every table."""
    op.execute("DROP TABLE report_requests, report_files, report_schedules, deliveries")
