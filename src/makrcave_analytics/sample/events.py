"""Events: the steps of each visit, and single events such as joining."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import usage_events
from makrcave_analytics.sample.machines import PLACES as MACHINE_PLACES
from makrcave_analytics.sample.machines import UNSYNCED as UNSYNCED_MACHINES
from makrcave_analytics.sample.plan import Plan, id_at
from makrcave_analytics.sample.projects import PLACES as PROJECT_PLACES
from makrcave_analytics.sample.scratch import Row, copy, scratch_tables
from makrcave_analytics.sample.settings import member_id
from makrcave_analytics.sample.stock import PLACES as ITEM_PLACES
from makrcave_analytics.sample.stock import UNSYNCED as UNSYNCED_ITEMS
from makrcave_analytics.sample.visits import VISITS

BATCH = 400_000
"""Events per statement, about. They are sorted by time in memory, so that the indexes grow at their end."""
_EVENTS_PER_VISIT = 5.4


@dataclass(frozen=True)
class Step:
    """An event of a visit: its probability, and when it happens as a part of the visit from 0 to 1."""

    event_type: str
    category: str
    chance: float
    part: float
    names: str | None = None
    """The kind of thing that it names: machine, item or project."""
    at_home: bool = False
    details: Sequence[dict[str, str]] = ()


_DOORS = ({"door": "main"}, {"door": "main"}, {"door": "workshop"}, {"door": "yard"})
_SIGN_IN = ({"method": "badge"}, {"method": "app"}, {"method": "password"})
_WORKSHOPS = ({"workshop": "Laser basics"}, {"workshop": "First 3D print"}, {"workshop": "Soldering"})

STEPS = (
    Step("check_in", "access", 1.0, 0.0),
    Step("login", "authentication", 0.75, 0.04, at_home=True, details=_SIGN_IN),
    Step("door_access", "access", 0.8, 0.09, details=_DOORS),
    Step("equipment_reservation", "equipment", 0.35, 0.15, "machine", at_home=True),
    Step("door_access", "access", 0.5, 0.35, details=_DOORS),
    Step("inventory_issue", "inventory", 0.4, 0.4, "item"),
    Step("door_access", "access", 0.3, 0.6, details=_DOORS),
    Step("equipment_reservation", "equipment", 0.1, 0.65, "machine", at_home=True),
    Step("inventory_return", "inventory", 0.04, 0.7, "item"),
    Step("project_updated", "project", 0.2, 0.85, "project"),
    Step("workshop_booking", "workshop", 0.05, 0.72, at_home=True, details=_WORKSHOPS),
    Step("logout", "authentication", 0.55, 0.96, at_home=True),
    Step("check_out", "access", 0.7, 0.99),
)


async def fill_events(connection: AsyncConnection, plan: Plan, moments: Sequence[Row]) -> None:
    """Store the events of all visits up to now, and then the single events.

    In this order the keys of the many events ascend, which is fast and leaves the pages of the indexes full.
    """
    columns = {
        "step": "int", "event_type": "text", "event_category": "text", "chance": "float", "part": "float",
        "names": "text", "at_home": "boolean", "details": "jsonb[]",
    }  # fmt: skip
    await scratch_tables(connection, "sample_steps", columns, _steps())
    for since, until in _batches(plan):
        parameters = {
            "makerspace": plan.makerspace.id,
            "now": plan.now,
            "since": since,
            "until": until,
            "offset": plan.offset("events"),
            "steps": len(STEPS),
            "machines": MACHINE_PLACES,
            "items": ITEM_PLACES,
            "projects": PROJECT_PLACES,
        }
        await connection.execute(text(_EVENTS), parameters)
    await copy(connection, usage_events, _moments(plan, moments))


_EVENTS = """
    INSERT INTO usage_events (
        makerspace_id, id, user_id, event_type, event_category, equipment_id, item_id, project_id, metadata,
        timestamp, recorded_at)
    SELECT :makerspace, pg_temp.id_at(e.at, e.number), e.user_id, e.event_type, e.event_category,
           m.equipment_id, i.item_id, p.project_id,
           e.details[1 + floor(pg_temp.draw(e.number, 14) * cardinality(e.details))::int],
           e.at, least(e.at + make_interval(secs => 0.2 + 4 * pg_temp.draw(e.number, 15)), :now)
    FROM (
        SELECT n.number, v.user_id, v.week_no, s.event_type, s.event_category, s.details,
               date_trunc('milliseconds', v.arrives
                   + least(s.part + 0.03 * pg_temp.draw(n.number, 11), 1) * (v.leaves - v.arrives)) AS at,
               CASE WHEN s.names = 'machine' THEN floor(pg_temp.draw(n.number, 12) * :machines)::int END AS machine,
               CASE WHEN s.names = 'item' THEN floor(pg_temp.draw(n.number, 12) * :items)::int END AS item,
               CASE WHEN s.names = 'project' THEN floor(pg_temp.draw(n.number, 12) * :projects)::int END AS project
        FROM sample_visits v
        CROSS JOIN sample_steps s
        CROSS JOIN LATERAL (SELECT v.visit_no * :steps + s.step + :offset AS number) n
        WHERE v.day_no >= :since AND v.day_no < :until
          AND (s.at_home OR NOT v.at_home)
          AND (v.user_id IS NOT NULL OR s.event_category = 'access')
          AND pg_temp.draw(n.number, 10) < s.chance
        OFFSET 0  -- prevents inlining, which would compute each draw wherever it is used
    ) e
    LEFT JOIN sample_machine_places m ON m.place = e.machine
    LEFT JOIN sample_item_places i ON i.place = e.item
    LEFT JOIN sample_project_places p ON p.place = e.project AND p.week_no = e.week_no
    WHERE e.at <= :now
    ORDER BY e.at, e.number
"""


def _steps() -> Iterator[tuple[object, ...]]:
    for number, step in enumerate(STEPS):
        details = [json.dumps(each) for each in step.details]
        yield (
            number, step.event_type, step.category, step.chance, step.part, step.names, step.at_home, details,
        )  # fmt: skip


def _batches(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of day numbers with about BATCH events each."""
    weight_of_batch = BATCH / _EVENTS_PER_VISIT / VISITS / max(plan.scale, 1e-9) * sum(day.weight for day in plan.days)
    since, weight = 0, 0.0
    for day in plan.days:
        weight += day.weight
        if weight >= weight_of_batch or day is plan.days[-1]:
            yield since, day.number + 1
            since, weight = day.number + 1, 0.0


def _moments(plan: Plan, moments: Sequence[Row]) -> Iterator[Row]:
    """Yield the single events up to now, with all columns, by time."""
    random = plan.random("ids of moments")
    for moment in sorted([*moments, *_unsynced(plan)], key=lambda moment: (moment["timestamp"], moment["user_id"])):
        at = moment["timestamp"]
        if at <= plan.now:
            yield {
                "makerspace_id": plan.makerspace.id,
                "id": id_at(at, random),
                "project_id": None,
                "equipment_id": None,
                "item_id": None,
                "metadata": None,
                "recorded_at": min(at + timedelta(seconds=2), plan.now),
                **moment,
            }


def _unsynced(plan: Plan) -> Iterator[Row]:
    """Yield one event for each unsynced machine and item, so that they occur at any scale."""
    named = [("equipment_reservation", "equipment", "equipment_id", name) for name in UNSYNCED_MACHINES]
    named += [("inventory_issue", "inventory", "item_id", name) for name in UNSYNCED_ITEMS]
    random = plan.random("unsynced")
    for event_type, category, column, name in named:
        day = random.choice(plan.open_days[:-2])
        yield {
            "timestamp": plan.at(day.local_day, plan.opening_minute(day, random)),
            "event_type": event_type,
            "event_category": category,
            "user_id": member_id(plan.makerspace, 0),
            column: name,
        }
