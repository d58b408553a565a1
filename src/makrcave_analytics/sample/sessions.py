"""Sessions on machines: one after another on each machine, except a few that overlap; one is running now."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import equipment_usage_logs
from makrcave_analytics.sample.machines import RUNNING, UNSYNCED, Machine
from makrcave_analytics.sample.plan import Plan, id_at
from makrcave_analytics.sample.projects import PLACES as PROJECT_PLACES
from makrcave_analytics.sample.scratch import copy, scratch_tables
from makrcave_analytics.sample.settings import member_id
from makrcave_analytics.sample.visits import busyness

RUNNING_FOR = timedelta(minutes=95)
"""Age of the running session."""
OVERLAPS = 6
"""Sessions that start during another on the same machine: two people share it, or a badge was forgotten."""
_NIGHT_MINUTES = 540


async def fill_sessions(connection: AsyncConnection, plan: Plan, machines: Sequence[Machine]) -> None:
    """Store the sessions up to now. Their users are visitors of the day. Downtime must be stored before."""
    columns = {
        "slot_no": "int", "weekday": "int", "equipment_id": "text", "minute": "int", "shortest": "int",
        "longest": "int", "chance": "float", "success": "float", "kilowatts": "float", "material": "text",
        "since": "date", "until": "date",
    }  # fmt: skip
    await scratch_tables(connection, "sample_slots", columns, _slots(plan, machines))
    started = (plan.now - RUNNING_FOR).replace(microsecond=0)
    parameters = {
        "makerspace": plan.makerspace.id,
        "zone": plan.makerspace.time_zone,
        "now": plan.now,
        "thinning": plan.thinning,
        "offset": plan.offset("sessions"),
        "projects": PROJECT_PLACES,
        "running": RUNNING,
        "running_since": started,
    }
    await connection.execute(text(_SESSIONS), parameters)
    overlapping = {name: parameters[name] for name in ("makerspace", "now", "running", "offset")}
    await connection.execute(text(_OVERLAPPING), {**overlapping, "overlaps": OVERLAPS})
    running = {
        "makerspace_id": plan.makerspace.id,
        "id": id_at(started, plan.random("id of the running session")),
        "equipment_id": RUNNING,
        "user_id": member_id(plan.makerspace, 0),
        "start_time": started,
        "usage_type": "personal",
        "recorded_at": started + timedelta(seconds=1),
    }
    await copy(connection, equipment_usage_logs, [running])


_SESSIONS = """
    INSERT INTO equipment_usage_logs (
        makerspace_id, id, equipment_id, user_id, start_time, end_time, duration_minutes, usage_type, materials_used,
        project_id, succeeded, energy_kwh, recorded_at)
    SELECT :makerspace, pg_temp.id_at(s.starts, s.number), s.equipment_id, v.user_id, s.starts, s.ends, s.minutes,
           CASE WHEN p.project_id IS NOT NULL THEN 'project'
                WHEN pg_temp.draw(s.number, 24) < 0.7 THEN 'personal'
                WHEN pg_temp.draw(s.number, 24) < 0.85 THEN 'training' ELSE 'commercial' END,
           CASE WHEN pg_temp.draw(s.number, 25) < 0.7 AND s.material IS NOT NULL
                THEN jsonb_build_object(s.material, round((0.004 * s.minutes * (0.5 + s.effort))::numeric, 3)) END,
           p.project_id,
           CASE WHEN pg_temp.draw(s.number, 26) < 0.86 THEN pg_temp.draw(s.number, 27) < s.success END,
           CASE WHEN pg_temp.draw(s.number, 28) < 0.9
                THEN round((s.kilowatts * s.minutes / 60 * (0.55 + 0.4 * s.effort))::numeric, 3) END,
           least(s.ends + interval '5 seconds', :now)
    FROM (
        SELECT c.*, c.starts + make_interval(mins => c.minutes) AS ends, pg_temp.draw(c.number, 29) AS effort
        FROM (
            SELECT n.number, d.day_no, d.week_no, d.visits, t.*, l.minutes,
                   (d.local_day + make_interval(
                        mins => t.minute + floor((t.longest - l.minutes + 1) * pg_temp.draw(n.number, 22))::int,
                        secs => floor(pg_temp.draw(n.number, 23) * 60))) AT TIME ZONE :zone AS starts
            FROM sample_days d
            JOIN sample_slots t ON t.weekday = d.weekday AND d.local_day BETWEEN t.since AND t.until
            CROSS JOIN LATERAL (SELECT d.day_no * 10000 + t.slot_no + :offset AS number) n
            CROSS JOIN LATERAL (
                SELECT t.shortest + floor((t.longest - t.shortest + 1) * pg_temp.draw(n.number, 21) ^ 1.4)::int
                    AS minutes
            ) l
            WHERE d.is_open AND pg_temp.draw(n.number, 20) < t.chance * d.weight * :thinning
        ) c
    ) s
    JOIN sample_visits v
        ON v.day_no = s.day_no AND v.place = floor(pg_temp.draw(s.number, 30) * s.visits)::int AND NOT v.at_home
    LEFT JOIN sample_project_places p
        ON p.week_no = s.week_no AND p.place = floor(pg_temp.draw(s.number, 31) * 2.2 * :projects)::int
    WHERE s.ends <= :now
      AND NOT (s.equipment_id = :running AND s.ends > :running_since)
      AND NOT EXISTS (
          SELECT FROM equipment_usage_logs down
          WHERE down.makerspace_id = :makerspace AND down.equipment_id = s.equipment_id
            AND down.usage_type IN ('maintenance', 'repair')
            AND down.start_time < s.ends AND down.end_time > s.starts)
    ORDER BY s.starts
"""

_OVERLAPPING = """
    INSERT INTO equipment_usage_logs (
        makerspace_id, id, equipment_id, user_id, start_time, end_time, duration_minutes, usage_type, succeeded,
        recorded_at)
    SELECT :makerspace, pg_temp.id_at(s.starts, :offset - s.place), s.equipment_id, s.user_id, s.starts,
           s.starts + make_interval(mins => s.duration_minutes), s.duration_minutes, s.usage_type, s.succeeded,
           least(s.starts + make_interval(mins => s.duration_minutes + 1), :now)
    FROM (
        SELECT row_number() OVER (ORDER BY hashtextextended(id::text, 0)) AS place, equipment_id, duration_minutes,
               usage_type, succeeded, lead(user_id) OVER (ORDER BY hashtextextended(id::text, 0)) AS user_id,
               start_time + interval '7 minutes' AS starts
        FROM equipment_usage_logs
        WHERE makerspace_id = :makerspace AND usage_type NOT IN ('maintenance', 'repair') AND equipment_id <> :running
          AND duration_minutes >= 20 AND end_time < CAST(:now AS timestamptz) - interval '1 day'
    ) s
    WHERE s.place <= :overlaps
"""


def _slots(plan: Plan, machines: Sequence[Machine]) -> Iterator[tuple[object, ...]]:
    """Yield the slots of each machine and weekday; each holds at most one session."""
    number = 0
    for machine in machines:
        since = machine.in_service_from or plan.first_day
        until = machine.in_service_until or plan.today
        for weekday, minute, longest in _slots_of(plan, machine):
            chance = min(0.95, machine.model.demand * 1.65 * busyness(weekday, minute + longest / 2))
            model = machine.model
            yield (
                number, weekday, machine.equipment_id, minute, model.shortest, longest, chance, model.success,
                model.kilowatts, model.material, since, until,
            )  # fmt: skip
            number += 1
    for equipment_id in UNSYNCED:
        for weekday in range(7):
            yield (
                number, weekday, equipment_id, 15 * 60, 30, 90, 0.3, 0.9, None, None, plan.first_day, plan.today,
            )  # fmt: skip
            number += 1


def _slots_of(plan: Plan, machine: Machine) -> Iterator[tuple[int, int, int]]:
    """Yield (weekday, first minute, longest session in minutes) of a machine's slots."""
    model = machine.model
    hours = plan.makerspace.opening_hours if machine.opening_hours is None else machine.opening_hours
    for opening in hours:
        minute = opening.since
        while minute + model.shortest + 2 <= opening.until:
            longest = min(model.longest, opening.until - minute - 2)
            yield opening.day, minute, longest
            minute += longest + 2
        closes_for_good = opening == [other for other in hours if other.day == opening.day][-1]
        if model.runs_overnight and closes_for_good:
            yield opening.day, opening.until, _NIGHT_MINUTES - 60
