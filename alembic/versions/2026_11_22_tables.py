"""The first tables: names, facts, roll-ups, records."""

from collections.abc import Sequence

from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NAMES = """
CREATE TABLE makerspaces (
    id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    locale text DEFAULT 'en' NOT NULL,
    week_start smallint DEFAULT '0' NOT NULL,
    fiscal_year_start_month smallint DEFAULT '1' NOT NULL,
    opening_hours jsonb DEFAULT '[]' NOT NULL,
    closures jsonb DEFAULT '[]' NOT NULL,
    brand_color text,
    logo bytea,
    data_version bigint DEFAULT '0' NOT NULL,
    section_versions jsonb DEFAULT '{}' NOT NULL,
    origin text DEFAULT 'LIVE' NOT NULL,
    events_kept_since timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT makerspaces_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE makerspaces IS
    'week_start and days of opening_hours: 0 is Monday. section_versions: section → data_version of the last '
    'write that touched it. events_kept_since: a local midnight, only grows; null while all are kept.';

CREATE TABLE members (
    makerspace_id uuid NOT NULL,
    user_id varchar(100) NOT NULL,
    number integer NOT NULL,
    display_name text,
    plan text,
    joined_on date,
    left_on date,
    pseudonym text NOT NULL,
    first_seen_on date,
    is_synced boolean DEFAULT 'false' NOT NULL,
    updated_at timestamptz,
    CONSTRAINT members_pkey PRIMARY KEY (makerspace_id, user_id),
    CONSTRAINT uq_members_makerspace_id_number UNIQUE (makerspace_id, number)
);
CREATE INDEX idx_members_pseudonym ON members (makerspace_id, pseudonym);
COMMENT ON TABLE members IS
    'Everyone ever named by a fact or synced. number: their bit in member_presence, from 0 without gaps. '
    'left_on: the last day as a member. first_seen_on: the local day of the first fact.';

CREATE TABLE equipment (
    makerspace_id uuid NOT NULL,
    equipment_id varchar(100) NOT NULL,
    name text,
    category text,
    status text DEFAULT 'AVAILABLE' NOT NULL,
    hourly_rate numeric(18, 4),
    in_service_from date,
    in_service_until date,
    next_maintenance_on date,
    maintenance_interval_hours numeric(18, 6),
    maintenance_interval_days integer,
    opening_hours jsonb,
    updated_at timestamptz,
    CONSTRAINT equipment_pkey PRIMARY KEY (makerspace_id, equipment_id)
);
COMMENT ON TABLE equipment IS
    'in_service_until: the last day in service. opening_hours null: the makerspace''s.';

CREATE TABLE inventory_items (
    makerspace_id uuid NOT NULL,
    item_id varchar(100) NOT NULL,
    name text,
    unit text,
    category text,
    supplier_type text,
    location text,
    on_hand numeric(18, 6),
    on_hand_at timestamptz,
    unit_cost numeric(18, 4),
    reorder_point numeric(18, 6),
    updated_at timestamptz,
    CONSTRAINT inventory_items_pkey PRIMARY KEY (makerspace_id, item_id)
);
"""

FACTS = """
CREATE TABLE usage_events (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id varchar(100),
    event_type text NOT NULL,
    event_category text NOT NULL,
    equipment_id varchar(100),
    item_id varchar(100),
    project_id varchar(100),
    metadata jsonb,
    timestamp timestamptz NOT NULL,
    recorded_at timestamptz DEFAULT now() NOT NULL,
    voided_at timestamptz,
    void_reason text,
    CONSTRAINT usage_events_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_usage_events_makerspace_timestamp ON usage_events (makerspace_id, timestamp, id);
CREATE INDEX idx_usage_events_member ON usage_events (makerspace_id, user_id, timestamp);

CREATE TABLE equipment_usage_logs (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    equipment_id varchar(100) NOT NULL,
    user_id varchar(100),
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    duration_minutes integer,
    usage_type text NOT NULL,
    materials_used jsonb,
    project_id varchar(100),
    succeeded boolean,
    energy_kwh numeric(18, 6),
    recorded_at timestamptz DEFAULT now() NOT NULL,
    voided_at timestamptz,
    void_reason text,
    CONSTRAINT equipment_usage_logs_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_equipment_usage_downtime
    ON equipment_usage_logs (makerspace_id, start_time) WHERE usage_type IN ('maintenance', 'repair');
CREATE INDEX idx_equipment_usage_equipment_timestamp
    ON equipment_usage_logs (makerspace_id, equipment_id, start_time);
CREATE INDEX idx_equipment_usage_open ON equipment_usage_logs (makerspace_id) WHERE end_time IS NULL;
CREATE INDEX idx_equipment_usage_start ON equipment_usage_logs (makerspace_id, start_time, id);
COMMENT ON TABLE equipment_usage_logs IS
    'start_time and end_time are cut to whole seconds. end_time null: still running; duration_minutes is kept '
    'as it was sent, end_time is what counts.';

CREATE TABLE inventory_analytics (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    item_id varchar(100) NOT NULL,
    date date NOT NULL,
    quantity_consumed numeric(18, 6) NOT NULL,
    cost_consumed numeric(18, 4) NOT NULL,
    efficiency_score numeric(9, 6),
    waste_percentage numeric(9, 6),
    reorder_triggered boolean DEFAULT 'false' NOT NULL,
    user_id varchar(100),
    project_id varchar(100),
    recorded_at timestamptz DEFAULT now() NOT NULL,
    voided_at timestamptz,
    void_reason text,
    CONSTRAINT inventory_analytics_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_inventory_analytics_item ON inventory_analytics (makerspace_id, item_id, date);
CREATE INDEX idx_inventory_analytics_makerspace_date ON inventory_analytics (makerspace_id, date, id);

CREATE TABLE project_analytics (
    makerspace_id uuid NOT NULL,
    project_id varchar(100) NOT NULL,
    name text,
    status text DEFAULT 'planned' NOT NULL,
    category text,
    owner_id varchar(100),
    progress numeric(9, 6),
    started_at timestamptz,
    due_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    total_cost numeric(18, 4),
    bom_items_count integer DEFAULT '0' NOT NULL,
    external_items_count integer DEFAULT '0' NOT NULL,
    collaborators integer DEFAULT '0' NOT NULL,
    updated_at timestamptz,
    CONSTRAINT project_analytics_pkey PRIMARY KEY (makerspace_id, project_id)
);

CREATE TABLE revenue_analytics (
    makerspace_id uuid NOT NULL,
    transaction_id varchar(100) NOT NULL,
    line_id varchar(100) NOT NULL,
    transaction_date date NOT NULL,
    revenue_source text NOT NULL,
    amount numeric(18, 4) NOT NULL,
    tax_amount numeric(18, 4) DEFAULT '0' NOT NULL,
    currency text NOT NULL,
    payment_method text NOT NULL,
    customer_id varchar(100),
    equipment_id varchar(100),
    is_recurring boolean DEFAULT 'false' NOT NULL,
    service_from date,
    service_until date,
    refund_of varchar(100),
    recorded_at timestamptz DEFAULT now() NOT NULL,
    voided_at timestamptz,
    void_reason text,
    CONSTRAINT revenue_analytics_pkey PRIMARY KEY (makerspace_id, transaction_id, line_id)
);
CREATE INDEX idx_revenue_analytics_makerspace_date
    ON revenue_analytics (makerspace_id, transaction_date, transaction_id, line_id);
CREATE INDEX idx_revenue_analytics_service ON revenue_analytics (makerspace_id, service_until);
COMMENT ON TABLE revenue_analytics IS
    'amount is what was paid, tax_amount included; negative is a refund. service_until is the last day.';
"""

ROLLUPS = """
CREATE TABLE event_hours (
    makerspace_id uuid NOT NULL,
    hour_start timestamptz NOT NULL,
    event_type text NOT NULL,
    event_category text NOT NULL,
    local_day date NOT NULL,
    hour_of_day smallint NOT NULL,
    events bigint NOT NULL,
    CONSTRAINT event_hours_pkey PRIMARY KEY (makerspace_id, hour_start, event_type, event_category)
);
CREATE INDEX idx_event_hours_local_day ON event_hours (makerspace_id, local_day);
COMMENT ON TABLE event_hours IS
    'Events of one local hour of the makerspace, kept as the instant at which it starts.';

CREATE TABLE member_presence (
    makerspace_id uuid NOT NULL,
    local_day date NOT NULL,
    kind text NOT NULL,
    chunk integer NOT NULL,
    bits bit(4096) NOT NULL,
    CONSTRAINT member_presence_pkey PRIMARY KEY (makerspace_id, local_day, kind, chunk)
);
COMMENT ON TABLE member_presence IS
    'Members present on a local day; kind any: an event or a use session; visit: access or a use session.';
"""

RECORDS = """
CREATE TABLE analytics_snapshots (
    makerspace_id uuid NOT NULL,
    grain text NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    data_version bigint NOT NULL,
    taken_at timestamptz NOT NULL,
    figures jsonb NOT NULL,
    CONSTRAINT analytics_snapshots_pkey PRIMARY KEY (makerspace_id, grain, start_date)
);
COMMENT ON TABLE analytics_snapshots IS
    'Closing figures of a DAY, WEEK or MONTH as they stood then: history, not cache.';

CREATE TABLE freshness (
    makerspace_id uuid NOT NULL,
    kind text NOT NULL,
    last_recorded_at timestamptz NOT NULL,
    last_fact_at timestamptz NOT NULL,
    CONSTRAINT freshness_pkey PRIMARY KEY (makerspace_id, kind)
);

CREATE TABLE tombstones (
    makerspace_id uuid NOT NULL,
    digest bytea NOT NULL,
    erased_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT tombstones_pkey PRIMARY KEY (makerspace_id, digest)
);
COMMENT ON TABLE tombstones IS
    'digest: the keyed hash of an erased person''s id, so that replays of their facts are refused.';

CREATE TABLE audit_log (
    makerspace_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    user_id varchar(100),
    action text NOT NULL,
    subject text,
    details jsonb,
    CONSTRAINT audit_log_pkey PRIMARY KEY (makerspace_id, id)
);
CREATE INDEX idx_audit_log_at ON audit_log (makerspace_id, at, id);
"""


def upgrade() -> None:
    """Create every table with its indexes."""
    for part in (NAMES, FACTS, ROLLUPS, RECORDS):
        for statement in part.split(";\n"):
            if statement.strip():
                op.execute(statement)


def downgrade() -> None:
    """Drop every table."""
    op.execute(
        "DROP TABLE makerspaces, members, equipment, inventory_items, usage_events, equipment_usage_logs, "
        "inventory_analytics, project_analytics, revenue_analytics, event_hours, member_presence, "
        "analytics_snapshots, freshness, tombstones, audit_log"
    )
