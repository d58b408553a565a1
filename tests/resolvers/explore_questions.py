"""Questions that people ask of a table, each beside the SQL that somebody would write for it by hand.

$1 is the makerspace, $2 its zone, $3 its currency, $4 now. Columns: the bucket's start where there is a grain, a key a
dimension, a value a metric. All are about the third quarter of 2028.
"""

from typing import Any, NamedTuple

SINCE = "(timestamp '2028-07-01' AT TIME ZONE $2)"
UNTIL = "(timestamp '2028-10-01' AT TIME ZONE $2)"
EVENTS = f"""FROM usage_events e LEFT JOIN members m ON m.makerspace_id = $1 AND m.user_id = e.user_id
    WHERE e.makerspace_id = $1 AND e.voided_at IS NULL AND e.timestamp >= {SINCE} AND e.timestamp < {UNTIL}"""
LOGS = """(SELECT l.*, coalesce(l.end_time, least($4::timestamptz, l.start_time + interval '24 hours')) AS ends,
    q.category, m.plan FROM equipment_usage_logs l
    LEFT JOIN equipment q ON q.makerspace_id = $1 AND q.equipment_id = l.equipment_id
    LEFT JOIN members m ON m.makerspace_id = $1 AND m.user_id = l.user_id
    WHERE l.makerspace_id = $1 AND l.voided_at IS NULL AND usage_type NOT IN ('maintenance', 'repair'))"""
HOURS_WITHIN = f"""round(coalesce(sum(extract(epoch FROM least(ends, {UNTIL}) - greatest(start_time, {SINCE})))
    FILTER (WHERE ends > {SINCE} AND start_time < {UNTIL}), 0) / 3600, 6)"""
STARTS = f"start_time >= {SINCE} AND start_time < {UNTIL}"
PAID = """FROM revenue_analytics r LEFT JOIN members m ON m.makerspace_id = $1 AND m.user_id = r.customer_id
    WHERE r.makerspace_id = $1 AND r.voided_at IS NULL AND r.currency = $3
    AND transaction_date BETWEEN '2028-07-01' AND '2028-09-30'"""
USED_UP = """FROM inventory_analytics u LEFT JOIN inventory_items i ON i.makerspace_id = $1 AND i.item_id = u.item_id
    WHERE u.makerspace_id = $1 AND u.voided_at IS NULL AND u.date BETWEEN '2028-07-01' AND '2028-09-30'"""
LOCAL_MONTH = "date_trunc('month', {} AT TIME ZONE $2) AT TIME ZONE $2"
HOUR_PIECES = f"""{LOGS} l JOIN generate_series({SINCE}, {UNTIL} - interval '1 hour', interval '1 hour') h
    ON h < ends AND h + interval '1 hour' > start_time"""
PIECE = "extract(epoch FROM least(ends, h + interval '1 hour') - greatest(start_time, h))"


class Asked(NamedTuple):
    """A question, and the SQL that answers it."""

    table: dict[str, Any]
    sql: str


def only(dimension: str, *keys: str) -> dict[str, Any]:
    return {"dimension": dimension, "in": list(keys)}


def without(dimension: str, *keys: str) -> dict[str, Any]:
    return {"dimension": dimension, "notIn": list(keys)}


QUESTIONS = {
    "peak hours of the laser cutters by member plan": Asked(
        {
            "metrics": ["usedHours"],
            "by": ["HOUR_OF_DAY", "MEMBER_PLAN"],
            "where": [only("EQUIPMENT_CATEGORY", "laser_cutter")],
        },
        f"""SELECT extract(hour FROM h AT TIME ZONE $2)::int::text, plan, round(sum({PIECE}) / 3600, 6)
            FROM {HOUR_PIECES} WHERE category = 'laser_cutter' GROUP BY 1, 2""",
    ),
    "which weekdays each machine is busy on, but for the laser cutters": Asked(
        {
            "metrics": ["usedHours"],
            "by": ["EQUIPMENT", "DAY_OF_WEEK"],
            "where": [without("EQUIPMENT_CATEGORY", "laser_cutter")],
        },
        f"""SELECT equipment_id, (extract(isodow FROM h AT TIME ZONE $2) - 1)::int::text, round(sum({PIECE}) / 3600, 6)
            FROM {HOUR_PIECES} WHERE category IS DISTINCT FROM 'laser_cutter' GROUP BY 1, 2""",
    ),
    "what happens when in the week": Asked(
        {"metrics": ["events"], "by": ["EVENT_CATEGORY", "DAY_OF_WEEK", "HOUR_OF_DAY"]},
        f"""SELECT event_category, (extract(isodow FROM timestamp AT TIME ZONE $2) - 1)::int::text,
            extract(hour FROM timestamp AT TIME ZONE $2)::int::text, count(*) {EVENTS} GROUP BY 1, 2, 3""",
    ),
    "logins of each plan by month": Asked(
        {"metrics": ["logins"], "by": ["MEMBER_PLAN"], "grain": "MONTH"},
        f"""SELECT {LOCAL_MONTH.format("timestamp")}, plan, count(*) {EVENTS} AND event_type = 'login' GROUP BY 1, 2""",
    ),
    "who reserves which machine, and at what hour": Asked(
        {"metrics": ["equipmentReservations"], "by": ["MEMBER", "EQUIPMENT", "HOUR_OF_DAY"]},
        f"""SELECT e.user_id, equipment_id, extract(hour FROM timestamp AT TIME ZONE $2)::int::text, count(*)
            {EVENTS} AND event_type = 'equipment_reservation' GROUP BY 1, 2, 3""",
    ),
    "events of pros and students in the afternoon": Asked(
        {
            "metrics": ["events"],
            "by": ["EVENT_TYPE", "MEMBER_PLAN"],
            "where": [only("MEMBER_PLAN", "pro", "student"), only("HOUR_OF_DAY", "14", "15", "16", "17")],
        },
        f"""SELECT event_type, plan, count(*) {EVENTS} AND plan IN ('pro', 'student')
            AND extract(hour FROM timestamp AT TIME ZONE $2) BETWEEN 14 AND 17 GROUP BY 1, 2""",
    ),
    "visits of each plan by weekday": Asked(
        {"metrics": ["visits"], "by": ["MEMBER_PLAN", "DAY_OF_WEEK"]},
        f"""SELECT plan, (extract(isodow FROM day) - 1)::int::text, count(*) FROM (
              SELECT e.user_id, m.plan, (timestamp AT TIME ZONE $2)::date AS day
              {EVENTS} AND event_category = 'access' AND e.user_id IS NOT NULL
              UNION
              SELECT user_id, plan, day::date FROM {LOGS} l JOIN generate_series(
                timestamp '2028-07-01', '2028-09-30', interval '1 day') day
                ON day::date BETWEEN (start_time AT TIME ZONE $2)::date
                AND (CASE WHEN end_time IS NULL OR end_time = start_time THEN start_time
                     ELSE end_time - interval '1 microsecond' END AT TIME ZONE $2)::date
              WHERE user_id IS NOT NULL) days GROUP BY 1, 2""",
    ),
    "members who joined and left, by plan and month": Asked(
        {"metrics": ["newMembers", "lostMembers"], "by": ["MEMBER_PLAN"], "grain": "MONTH"},
        """SELECT day AT TIME ZONE $2, plan, sum(joined), sum(lost) FROM (
             SELECT date_trunc('month', joined_on::timestamp) AS day, plan, 1 AS joined, 0 AS lost FROM members
             WHERE makerspace_id = $1 AND is_synced AND joined_on BETWEEN '2028-07-01' AND '2028-09-30'
             UNION ALL
             SELECT date_trunc('month', left_on::timestamp), plan, 0, 1 FROM members
             WHERE makerspace_id = $1 AND is_synced AND left_on BETWEEN '2028-07-01' AND '2028-09-30'
           ) moves GROUP BY 1, 2""",
    ),
    "hours and sessions by machine, kind of use and project": Asked(
        {"metrics": ["usedHours", "sessions"], "by": ["EQUIPMENT", "USAGE_TYPE", "PROJECT"]},
        f"""SELECT equipment_id, usage_type, project_id, {HOURS_WITHIN}, count(*) FILTER (WHERE {STARTS})
            FROM {LOGS} l WHERE ends > {SINCE} AND start_time < {UNTIL} GROUP BY 1, 2, 3""",
    ),
    "how many people use which kind of machine, by plan": Asked(
        {"metrics": ["machineUsers", "sessions"], "by": ["EQUIPMENT_CATEGORY", "MEMBER_PLAN"]},
        f"""SELECT category, plan, count(DISTINCT user_id), count(*)
            FROM {LOGS} l WHERE {STARTS} GROUP BY 1, 2""",
    ),
    "how long sessions last, by kind and month": Asked(
        {"metrics": ["averageSessionMinutes"], "by": ["EQUIPMENT_CATEGORY", "USAGE_TYPE"], "grain": "MONTH"},
        f"""SELECT {LOCAL_MONTH.format("start_time")}, category, usage_type,
            round(sum(extract(epoch FROM ends - start_time)) / 60 / count(*), 6)
            FROM {LOGS} l WHERE {STARTS} GROUP BY 1, 2, 3""",
    ),
    "downtime of each machine, planned and not": Asked(
        {"metrics": ["maintenanceHours"], "by": ["EQUIPMENT", "USAGE_TYPE"]},
        f"""SELECT equipment_id, usage_type, round(sum(extract(epoch FROM
              least(coalesce(end_time, $4), {UNTIL}) - greatest(start_time, {SINCE}))) / 3600, 6)
            FROM equipment_usage_logs WHERE makerspace_id = $1 AND voided_at IS NULL
              AND usage_type IN ('maintenance', 'repair') AND start_time < {UNTIL} AND coalesce(end_time, $4) > {SINCE}
            GROUP BY 1, 2""",
    ),
    "what each machine brings in an hour": Asked(
        {"metrics": ["revenue", "revenuePerUsedHour"], "by": ["EQUIPMENT"]},
        f"""SELECT equipment_id, coalesce(net, 0), round(coalesce(net, 0) / nullif(hours, 0), 6) FROM (
              SELECT equipment_id, sum(extract(epoch FROM least(ends, {UNTIL}) - greatest(start_time, {SINCE}))) / 3600
                AS hours FROM {LOGS} l WHERE ends > {SINCE} AND start_time < {UNTIL} GROUP BY 1) used
            FULL JOIN (SELECT equipment_id, sum(amount - tax_amount) AS net {PAID} AND equipment_id IS NOT NULL
              GROUP BY 1) paid USING (equipment_id)""",
    ),
    "what succeeds on which machine": Asked(
        {"metrics": ["successRate"], "by": ["EQUIPMENT", "USAGE_TYPE"]},
        f"""SELECT equipment_id, usage_type,
            round(100.0 * count(*) FILTER (WHERE succeeded) / count(*) FILTER (WHERE succeeded IS NOT NULL), 6)
            FROM {LOGS} l WHERE {STARTS} GROUP BY 1, 2 HAVING count(succeeded) > 0""",
    ),
    "what each project uses up of each item": Asked(
        {"metrics": ["quantityConsumed", "costConsumed"], "by": ["ITEM", "PROJECT"]},
        f"SELECT u.item_id, project_id, sum(quantity_consumed), sum(cost_consumed) {USED_UP} GROUP BY 1, 2",
    ),
    "cost by supplier and category, without wood": Asked(
        {
            "metrics": ["costConsumed"],
            "by": ["SUPPLIER_TYPE", "ITEM_CATEGORY"],
            "grain": "QUARTER",
            "where": [without("ITEM_CATEGORY", "wood")],
        },
        f"""SELECT {SINCE}, supplier_type, category, sum(cost_consumed) {USED_UP} AND category IS DISTINCT FROM 'wood'
            GROUP BY 1, 2, 3""",
    ),
    "what is wasted of what": Asked(
        {"metrics": ["wastePercentage", "efficiency"], "by": ["ITEM_CATEGORY"]},
        f"""SELECT category,
            round(sum(cost_consumed * waste_percentage)
              / sum(cost_consumed) FILTER (WHERE waste_percentage IS NOT NULL), 6),
            round(sum(cost_consumed * efficiency_score)
              / sum(cost_consumed) FILTER (WHERE efficiency_score IS NOT NULL), 6)
            {USED_UP} GROUP BY 1""",
    ),
    "how money comes in, month by month": Asked(
        {
            "metrics": ["grossRevenue", "refunds", "tax", "netRevenue"],
            "by": ["REVENUE_SOURCE", "PAYMENT_METHOD"],
            "grain": "MONTH",
        },
        f"""SELECT date_trunc('month', transaction_date::timestamp) AT TIME ZONE $2, revenue_source, payment_method,
            coalesce(sum(amount) FILTER (WHERE amount > 0), 0), coalesce(-sum(amount) FILTER (WHERE amount < 0), 0),
            sum(tax_amount), sum(amount - tax_amount) {PAID} GROUP BY 1, 2, 3""",
    ),
    "which customers pay for which machine, and how": Asked(
        {
            "metrics": ["netRevenue"],
            "by": ["CUSTOMER", "EQUIPMENT", "PAYMENT_METHOD"],
            "where": [without("REVENUE_SOURCE", "membership")],
        },
        f"""SELECT customer_id, equipment_id, payment_method, sum(amount - tax_amount)
            {PAID} AND revenue_source <> 'membership' GROUP BY 1, 2, 3""",
    ),
    "purchases and their customers": Asked(
        {"metrics": ["transactions", "payingCustomers", "averageTransaction"], "by": ["PAYMENT_METHOD"]},
        f"""SELECT payment_method, count(DISTINCT transaction_id) FILTER (WHERE amount > 0),
            count(DISTINCT customer_id) FILTER (WHERE amount > 0), round(sum(amount) FILTER (WHERE amount > 0)
              / count(DISTINCT transaction_id) FILTER (WHERE amount > 0), 6) {PAID} GROUP BY 1""",
    ),
    "memberships by plan and method": Asked(
        {"metrics": ["membershipRevenue"], "by": ["MEMBER_PLAN", "PAYMENT_METHOD"]},
        f"""SELECT plan, payment_method, sum(amount - tax_amount) {PAID} AND revenue_source = 'membership'
            GROUP BY 1, 2""",
    ),
}
