"""The contents of the sample at full size: enough data of each kind for every metric."""

from datetime import date, timedelta

from tests.sample.conftest import NOW, pseudonym

from makrcave_analytics.auth import Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.sample import MAKERSPACES, member_id

USES = "usage_type NOT IN ('maintenance', 'repair')"


async def each(connection, statement: str) -> list[int]:
    """Return a number for each makerspace, in the order of MAKERSPACES; $1 is its id."""
    return [await connection.fetchval(statement, makerspace.id) for makerspace in MAKERSPACES]


async def within(connection, low: int, high: int, statement: str) -> None:
    """Assert that the number of each makerspace is from low to high."""
    numbers = await each(connection, statement)
    assert all(low <= number <= high for number in numbers), numbers


async def test_the_sample_has_its_documented_size(whole) -> None:
    await within(whole, 140_000, 165_000, "SELECT count(*) FROM usage_events WHERE makerspace_id = $1")
    await within(
        whole, 20_000, 40_000, f"SELECT count(*) FROM equipment_usage_logs WHERE makerspace_id = $1 AND {USES}"
    )
    await within(whole, 400, 600, "SELECT count(*) FROM members WHERE makerspace_id = $1 AND is_synced")
    await within(whole, 40, 40, "SELECT count(*) FROM equipment WHERE makerspace_id = $1")
    await within(whole, 200, 200, "SELECT count(*) FROM inventory_items WHERE makerspace_id = $1")
    await within(whole, 300, 300, "SELECT count(*) FROM project_analytics WHERE makerspace_id = $1")


async def test_the_roll_ups_agree_with_the_facts(whole_url) -> None:
    database = Database(whole_url, pool_size=2)
    try:
        viewer = Viewer.system("a test")
        found = [await verify_rollups(database, viewer.makerspace(makerspace.id)) for makerspace in MAKERSPACES]
    finally:
        await database.dispose()
    assert found == [[], [], []]


async def test_thirteen_months_are_covered(whole) -> None:
    days = await each(whole, "SELECT min(local_day) FROM event_hours WHERE makerspace_id = $1")
    assert all(date(2025, 10, 20) <= day <= date(2025, 10, 25) for day in days), days
    last = await each(whole, "SELECT max(local_day) FROM event_hours WHERE makerspace_id = $1")
    assert last == [date(2026, 11, 20)] * 3


async def test_weekdays_differ_and_closed_days_are_quiet(whole) -> None:
    by_weekday = """
        SELECT coalesce(sum(events), 0) FROM event_hours
        WHERE makerspace_id = $1 AND extract(isodow FROM local_day) - 1 = $2
    """
    for makerspace, closed in zip(MAKERSPACES, (0, 6, 1), strict=True):
        events = [int(await whole.fetchval(by_weekday, makerspace.id, day)) for day in range(7)]
        assert max(events) == events[5], "Saturdays are the busiest"
        assert events[closed] < 0.02 * min(events[day] for day in range(7) if day != closed)


async def test_closures_are_quiet_and_evenings_are_not(whole) -> None:
    closed_days = """
        SELECT coalesce(max(of_day), 0) FROM (
            SELECT sum(h.events) AS of_day FROM makerspaces m
            CROSS JOIN jsonb_to_recordset(m.closures) AS c(start_date date, end_date date)
            JOIN event_hours h ON h.makerspace_id = m.id AND h.local_day BETWEEN c.start_date AND c.end_date
            WHERE m.id = $1 GROUP BY h.local_day) days
    """
    await within(whole, 1, 40, closed_days)
    at_noon = "sum(events) FILTER (WHERE hour_of_day = 12)"
    in_the_evening = "sum(events) FILTER (WHERE hour_of_day = 18)"
    ratio = f"SELECT 100 * {in_the_evening} / {at_noon} FROM event_hours WHERE makerspace_id = $1"
    await within(whole, 150, 400, ratio)


async def test_usage_grows(whole) -> None:
    month = "sum(events) FILTER (WHERE to_char(local_day, 'YYYY-MM') = '{}')"
    growth = (
        f"SELECT 100 * {month.format('2026-09')} / {month.format('2025-11')} FROM event_hours WHERE makerspace_id = $1"
    )
    await within(whole, 101, 150, growth)


async def test_members_join_and_leave(whole) -> None:
    within_sample = "makerspace_id = $1 AND {} BETWEEN '2025-10-20' AND '2026-11-20'"
    await within(whole, 100, 300, f"SELECT count(*) FROM members WHERE {within_sample.format('joined_on')}")
    await within(whole, 50, 200, f"SELECT count(*) FROM members WHERE {within_sample.format('left_on')}")
    await within(whole, 4, 4, "SELECT count(DISTINCT plan) FROM members WHERE makerspace_id = $1")
    named = "SELECT count(DISTINCT display_name) - count(display_name) FROM members WHERE makerspace_id = $1"
    assert await each(whole, named) == [0, 0, 0]


async def test_no_member_has_facts_before_joining_or_after_leaving(whole) -> None:
    strangers = """
        SELECT count(*) FROM members m JOIN makerspaces s ON s.id = m.makerspace_id
        JOIN usage_events e ON e.makerspace_id = m.makerspace_id AND e.user_id = m.user_id
        WHERE m.makerspace_id = $1
          AND ((e.timestamp AT TIME ZONE s.time_zone)::date < m.joined_on
               OR (e.timestamp AT TIME ZONE s.time_zone)::date > m.left_on + 1)
    """
    assert await each(whole, strangers) == [0, 0, 0]
    paid_before = """
        SELECT count(*) FROM members m JOIN revenue_analytics r
            ON r.makerspace_id = m.makerspace_id AND r.customer_id = m.user_id
        WHERE m.makerspace_id = $1 AND r.transaction_date < m.joined_on
    """
    assert await each(whole, paid_before) == [0, 0, 0]


async def test_a_few_come_often_and_many_rarely(whole) -> None:
    """The most active tenth has a quarter of the events or more; with equal activity it would have a tenth."""
    share = """
        SELECT (100 * sum(events) FILTER (WHERE tenth = 1) / sum(events))::int FROM (
            SELECT count(*) AS events, ntile(10) OVER (ORDER BY count(*) DESC) AS tenth
            FROM usage_events WHERE makerspace_id = $1 AND user_id IS NOT NULL GROUP BY user_id) by_member
    """
    await within(whole, 25, 60, share)


async def test_people_are_numbered_without_gaps_and_every_fact_names_one_of_them(whole) -> None:
    gaps = "SELECT max(number) + 1 - count(*) FROM members WHERE makerspace_id = $1"
    assert await each(whole, gaps) == [0, 0, 0]
    unnumbered = """
        SELECT count(*) FROM (
            SELECT user_id FROM usage_events WHERE makerspace_id = $1
            UNION SELECT user_id FROM equipment_usage_logs WHERE makerspace_id = $1
            UNION SELECT user_id FROM inventory_analytics WHERE makerspace_id = $1
            UNION SELECT customer_id FROM revenue_analytics WHERE makerspace_id = $1
            UNION SELECT owner_id FROM project_analytics WHERE makerspace_id = $1
        ) named
        WHERE user_id IS NOT NULL
          AND user_id NOT IN (SELECT user_id FROM members WHERE makerspace_id = $1)
    """
    assert await each(whole, unnumbered) == [0, 0, 0]
    for row in await whole.fetch("SELECT makerspace_id, user_id, pseudonym FROM members"):
        assert row["pseudonym"] == pseudonym(row["makerspace_id"], row["user_id"])


async def test_the_first_member_is_a_member_now(whole) -> None:
    for makerspace in MAKERSPACES:
        row = await whole.fetchrow(
            "SELECT plan, left_on, first_seen_on FROM members WHERE user_id = $1", member_id(makerspace, 0)
        )
        assert (row["plan"], row["left_on"]) == ("maker", None)
        assert row["first_seen_on"] < NOW.date() - timedelta(days=200)


async def test_unsynced_badges_machines_items_and_people_occur(whole) -> None:
    await within(whole, 100, 5000, "SELECT count(*) FROM usage_events WHERE makerspace_id = $1 AND user_id IS NULL")
    unsynced = """
        SELECT count(*) FROM {facts} f WHERE f.makerspace_id = $1 AND f.{column} IS NOT NULL
          AND NOT EXISTS (SELECT FROM {names} n WHERE n.makerspace_id = $1 AND n.{column} = f.{column})
    """
    for facts, names, column in (
        ("usage_events", "equipment", "equipment_id"),
        ("equipment_usage_logs", "equipment", "equipment_id"),
        ("usage_events", "inventory_items", "item_id"),
        ("inventory_analytics", "inventory_items", "item_id"),
    ):
        await within(whole, 5, 1000, unsynced.format(facts=facts, names=names, column=column))
    strangers = "SELECT count(*) FROM members WHERE makerspace_id = $1 AND NOT is_synced AND first_seen_on IS NOT NULL"
    assert await each(whole, strangers) == [8, 8, 8]


async def test_a_few_facts_are_voided(whole) -> None:
    for facts in ("usage_events", "revenue_analytics"):
        await within(whole, 1, 5, f"SELECT count(*) FROM {facts} WHERE makerspace_id = $1 AND voided_at IS NOT NULL")


async def test_freshness_and_versions_are_stored(whole) -> None:
    rows = await whole.fetch("SELECT kind, count(*) AS makerspaces FROM freshness GROUP BY kind ORDER BY kind")
    assert [tuple(row) for row in rows] == [
        ("EQUIPMENT_USAGE", 3), ("EVENT", 3), ("INVENTORY_USAGE", 3), ("REVENUE", 3),
    ]  # fmt: skip
    rows = await whole.fetch("SELECT origin, data_version, section_versions ->> 'USAGE' AS usage FROM makerspaces")
    assert [tuple(row) for row in rows] == [("SAMPLE", 1, "1")] * 3
