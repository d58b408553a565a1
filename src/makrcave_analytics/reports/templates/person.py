"""MEMBER_DATA: all that is kept of one person, as it is kept, for their access request."""

_KEPT = """
SELECT 'member' AS kind, coalesce(updated_at, first_seen_on::timestamp AT TIME ZONE m.time_zone) AS at, to_jsonb(f) AS data
FROM members f, makerspaces m WHERE f.makerspace_id = :home AND m.id = :home AND f.user_id = :person
UNION ALL
SELECT 'event', timestamp, to_jsonb(f) FROM usage_events f WHERE makerspace_id = :home AND user_id = :person
UNION ALL
SELECT 'equipment_usage', start_time, to_jsonb(f) FROM equipment_usage_logs f
WHERE makerspace_id = :home AND user_id = :person
UNION ALL
SELECT 'inventory_usage', date::timestamp AT TIME ZONE m.time_zone, to_jsonb(f) FROM inventory_analytics f, makerspaces m
WHERE f.makerspace_id = :home AND m.id = :home AND user_id = :person
UNION ALL
SELECT 'revenue', transaction_date::timestamp AT TIME ZONE m.time_zone, to_jsonb(f) FROM revenue_analytics f, makerspaces m
WHERE f.makerspace_id = :home AND m.id = :home AND customer_id = :person
UNION ALL
SELECT 'project', coalesce(started_at, updated_at), to_jsonb(f) FROM project_analytics f
WHERE makerspace_id = :home AND owner_id = :person
UNION ALL
SELECT 'presence', p.local_day::timestamp AT TIME ZONE h.time_zone,
    jsonb_build_object('local_day', p.local_day, 'kind', p.kind)
FROM member_presence p, members f, makerspaces h
WHERE p.makerspace_id = :home AND f.makerspace_id = :home AND h.id = :home AND f.user_id = :person
    AND p.chunk = f.number / :bits AND get_bit(p.bits, f.number % :bits) = 1
UNION ALL
SELECT 'report', requested_at, to_jsonb(f) - 'idempotency_digest' FROM report_requests f
WHERE makerspace_id = :home AND (requested_by = :person OR subject_user_id = :person)
UNION ALL
SELECT 'report_schedule', created_at, to_jsonb(f) - 'webhook_secret' FROM report_schedules f
WHERE makerspace_id = :home AND created_by = :person
UNION ALL
SELECT 'audit_log', at, to_jsonb(f) FROM audit_log f WHERE makerspace_id = :home AND user_id = :person
"""
