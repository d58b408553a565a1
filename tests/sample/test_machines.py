"""Machines of the sample: their use, their downtime, and due maintenance."""

from datetime import date

from tests.sample.conftest import NOW
from tests.sample.test_content import USES, each, within

from makrcave_analytics.sample.machines import OVERDUE_BY_DATE, OVERDUE_BY_DAYS, OVERDUE_BY_HOURS


async def test_exactly_one_session_runs(whole) -> None:
    running = "SELECT count(*) FROM equipment_usage_logs WHERE makerspace_id = $1 AND end_time IS NULL"
    assert await each(whole, running) == [1, 1, 1]
    rows = await whole.fetch("""
        SELECT q.status, l.start_time, l.usage_type FROM equipment_usage_logs l
        JOIN equipment q USING (makerspace_id, equipment_id) WHERE l.end_time IS NULL
    """)
    assert {row["status"] for row in rows} == {"IN_USE"}
    assert all(row["start_time"] < NOW and row["usage_type"] == "personal" for row in rows)


async def test_few_sessions_of_a_machine_overlap(whole) -> None:
    overlapping = f"""
        SELECT count(*) FROM (
            SELECT start_time < max(end_time) OVER (
                PARTITION BY equipment_id ORDER BY start_time, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS is_early
            FROM equipment_usage_logs WHERE makerspace_id = $1 AND {USES}) s
        WHERE is_early
    """
    await within(whole, 3, 8, overlapping)


async def test_no_machine_is_used_while_it_is_down(whole) -> None:
    in_downtime = f"""
        SELECT count(*) FROM equipment_usage_logs down
        JOIN equipment_usage_logs l USING (makerspace_id, equipment_id)
        WHERE makerspace_id = $1 AND down.usage_type IN ('maintenance', 'repair') AND l.{USES}
          AND l.start_time < down.end_time AND l.end_time > down.start_time
    """
    assert await each(whole, in_downtime) == [0, 0, 0]


async def test_durations_are_whole_and_agree_with_the_times(whole) -> None:
    wrong = """
        SELECT count(*) FROM equipment_usage_logs
        WHERE makerspace_id = $1 AND (
            date_trunc('second', start_time) <> start_time OR end_time <= start_time
            OR end_time - start_time <> make_interval(mins => duration_minutes))
    """
    assert await each(whole, wrong) == [0, 0, 0]


async def test_prints_take_longer_than_cuts(whole) -> None:
    minutes = """
        SELECT avg(duration_minutes)::int FROM equipment_usage_logs l
        JOIN equipment q USING (makerspace_id, equipment_id) WHERE makerspace_id = $1 AND category = '{}'
          AND usage_type NOT IN ('maintenance', 'repair')
    """
    await within(whole, 120, 300, minutes.format("3d_printer"))
    await within(whole, 20, 80, minutes.format("laser_cutter"))


async def test_some_sessions_last_past_midnight(whole) -> None:
    overnight = """
        SELECT count(*) FROM equipment_usage_logs l JOIN makerspaces m ON m.id = l.makerspace_id
        WHERE m.id = $1 AND (start_time AT TIME ZONE time_zone)::date < (end_time AT TIME ZONE time_zone)::date
          AND usage_type NOT IN ('maintenance', 'repair')
    """
    await within(whole, 100, 5000, overnight)


async def test_every_kind_of_use_and_of_downtime_occurs(whole) -> None:
    rows = await whole.fetch("SELECT DISTINCT usage_type FROM equipment_usage_logs ORDER BY 1")
    assert [row["usage_type"] for row in rows] == [
        "commercial", "maintenance", "personal", "project", "repair", "training",
    ]  # fmt: skip
    for stated in ("succeeded", "NOT succeeded", "energy_kwh > 0", "materials_used <> '{}'", "project_id > ''"):
        await within(
            whole, 300, 40_000, f"SELECT count(*) FROM equipment_usage_logs WHERE makerspace_id = $1 AND {stated}"
        )


async def test_six_categories_of_machines_have_a_price(whole) -> None:
    rows = await whole.fetch("SELECT DISTINCT category FROM equipment ORDER BY 1")
    assert [row["category"] for row in rows] == [
        "3d_printer", "cnc", "electronics", "laser_cutter", "textile", "woodworking",
    ]  # fmt: skip
    assert await each(whole, "SELECT count(*) FROM equipment WHERE makerspace_id = $1 AND hourly_rate > 0") == [40] * 3
    own_hours = "SELECT count(*) FROM equipment WHERE makerspace_id = $1 AND opening_hours IS NOT NULL"
    assert await each(whole, own_hours) == [3, 3, 3]


async def test_one_machine_is_out_of_service_and_no_longer_used(whole) -> None:
    gone = await whole.fetch(
        "SELECT makerspace_id, equipment_id, in_service_until FROM equipment WHERE status = 'OFFLINE'"
    )
    assert len(gone) == 3
    for row in gone:
        assert row["in_service_until"] < NOW.date()
        last = await whole.fetchval(
            "SELECT max(start_time) FROM equipment_usage_logs WHERE makerspace_id = $1 AND equipment_id = $2",
            row["makerspace_id"],
            row["equipment_id"],
        )
        assert last.date() <= row["in_service_until"]


async def test_maintenance_is_overdue_by_date_by_days_and_by_hours(whole) -> None:
    assert await whole.fetchval(
        "SELECT max(next_maintenance_on) < $2 FROM equipment WHERE equipment_id = $1", OVERDUE_BY_DATE, NOW.date()
    )
    since = """
        SELECT q.maintenance_interval_days AS days, q.maintenance_interval_hours AS hours, last.day,
               (SELECT sum(duration_minutes) / 60 FROM equipment_usage_logs l
                WHERE l.makerspace_id = q.makerspace_id AND l.equipment_id = q.equipment_id
                  AND l.start_time >= last.day AND l.usage_type NOT IN ('maintenance', 'repair')) AS used
        FROM equipment q CROSS JOIN LATERAL (
            SELECT max(end_time)::date AS day FROM equipment_usage_logs m
            WHERE m.makerspace_id = q.makerspace_id AND m.equipment_id = q.equipment_id
              AND m.usage_type = 'maintenance') last
        WHERE q.equipment_id = $1
    """
    for row in await whole.fetch(since, OVERDUE_BY_DAYS):
        assert (date(2026, 11, 20) - row["day"]).days > row["days"]
    for row in await whole.fetch(since, OVERDUE_BY_HOURS):
        assert row["used"] > row["hours"]
