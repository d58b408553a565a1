"""Projects in all statuses, and those that are worked on in each week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import project_analytics
from makrcave_analytics.sample.people import Person
from makrcave_analytics.sample.plan import DAY, Plan
from makrcave_analytics.sample.scratch import Row, copy, scratch_tables

PROJECTS = 300
PLACES = 48
"""Entries per week from which the project of a fact is drawn."""

_STATUSES = {"completed": 0.46, "in_progress": 0.25, "on_hold": 0.08, "planned": 0.11, "cancelled": 0.1}
_VERSIONS = ("I", "II", "v2", "mini", "for school", "prototype")
_CATEGORIES = {
    "electronics": (
        "Air quality sensor",
        "Drum machine",
        "Bike light",
        "LED matrix clock",
        "Plant monitor",
        "Synth module",
    ),
    "furniture": ("Standing desk", "Bookshelf", "Stool", "Workbench", "Bedside table", "Plywood chair"),
    "robotics": ("Line follower", "Robot arm", "Delivery rover", "Hexapod", "Camera slider"),
    "prototyping": ("Prosthetic hand", "Drone frame", "Water filter housing", "Vending latch", "Braille label maker"),
    "art": ("Light sculpture", "Relief map", "Stage set", "Laser-cut lamp", "Kinetic mobile"),
    "textile": ("Rain cape", "Backpack", "Quilt", "Festival costume"),
    "repair": ("Radio restoration", "Sewing machine repair", "Bicycle rebuild", "Amplifier repair"),
}


@dataclass(frozen=True)
class ProjectPlan:
    """One project. `active_until` is when it was last worked on; None while it is worked on, and before it starts."""

    project_id: str
    name: str
    status: str
    category: str
    owner_id: str
    created_at: datetime
    started_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    active_until: datetime | None


def draw_projects(plan: Plan, people: tuple[Person, ...]) -> tuple[ProjectPlan, ...]:
    """Draw the projects. Some in progress have had no activity for weeks."""
    random = plan.random("projects")
    return tuple(_project(plan, number, people, random) for number in range(PROJECTS))


async def fill_projects(connection: AsyncConnection, plan: Plan, projects: tuple[ProjectPlan, ...]) -> None:
    """Store the projects, and the entries per week from which facts draw a project."""
    random = plan.random("sizes of projects")
    await copy(connection, project_analytics, [_row(plan, project, random) for project in projects])
    columns = {"week_no": "int", "place": "int", "project_id": "text"}
    await scratch_tables(connection, "sample_project_places", columns, _places(plan, projects))


def moments_of_projects(plan: Plan, projects: tuple[ProjectPlan, ...]) -> list[Row]:
    """Return the events of creating a project; projects from before the first day have none."""
    first = plan.at(plan.first_day, 0)
    return [
        {
            "timestamp": project.created_at,
            "event_type": "project_created",
            "event_category": "project",
            "user_id": project.owner_id,
            "project_id": project.project_id,
        }
        for project in projects
        if project.created_at >= first
    ]


def _project(plan: Plan, number: int, people: tuple[Person, ...], random: Random) -> ProjectPlan:
    status = random.choices(list(_STATUSES), list(_STATUSES.values()))[0]
    category = random.choice(list(_CATEGORIES))
    created, ended = _dates(plan, status, random)
    started = None if status == "planned" else created + timedelta(hours=random.choice((0, 0, 0, 26, 75)))
    started = started if started is None or started < (ended or plan.now) else created
    last_touched = ended
    if status == "on_hold" or (status == "in_progress" and random.random() < 0.2):
        last_touched = max(created, plan.now - random.randint(40, 90) * DAY)
    has_due = random.random() < 0.7
    return ProjectPlan(
        project_id=f"prj-{number + 1:04}",
        name=f"{random.choice(_CATEGORIES[category])} {random.choice(_VERSIONS)}",
        status=status,
        category=category,
        owner_id=_owner(created, people, random),
        created_at=created,
        started_at=started,
        due_at=created + random.randint(14, 120) * DAY if has_due else None,
        ended_at=ended,
        active_until=last_touched,
    )


def _dates(plan: Plan, status: str, random: Random) -> tuple[datetime, datetime | None]:
    """Draw when a project was created, and when it was completed or cancelled."""
    length = round(min(max(random.lognormvariate(3.3, 0.7), 2), 200))
    if status in ("completed", "cancelled"):
        day = random.choice(plan.open_days[2:-1])
        ended = plan.at(day.local_day, plan.opening_minute(day, random))
        return ended - timedelta(days=length, hours=random.randint(0, 3)), ended
    newest = 45 if status == "planned" else 120
    days = [day for day in plan.open_days[:-1] if day.number >= len(plan.days) - newest - length]
    day = random.choice(days)
    return plan.at(day.local_day, plan.opening_minute(day, random)), None


def _owner(created: datetime, people: tuple[Person, ...], random: Random) -> str:
    """Draw a member of that day; active members are drawn more often."""
    day = created.date()
    while True:
        person = random.choice(people)
        is_member = person.is_synced and person.is_member(day - DAY, day + DAY)
        if is_member and random.random() < 4 * person.activity:
            return person.user_id


def _row(plan: Plan, project: ProjectPlan, random: Random) -> Row:
    parts = round(random.lognormvariate(2.2, 0.8))
    euros = Decimal(str(round(random.lognormvariate(4.2, 0.9), 2)))
    cost = (euros * plan.makerspace.price_level).quantize(Decimal("0.01"))
    progress = {"completed": 100, "planned": 0}.get(project.status, random.randint(5, 95))
    return {
        "makerspace_id": plan.makerspace.id,
        "project_id": project.project_id,
        "name": project.name,
        "status": project.status,
        "category": project.category,
        "owner_id": project.owner_id,
        "progress": Decimal(progress),
        "started_at": project.started_at,
        "due_at": project.due_at,
        "completed_at": project.ended_at if project.status == "completed" else None,
        "cancelled_at": project.ended_at if project.status == "cancelled" else None,
        "total_cost": None if project.status == "planned" or random.random() < 0.08 else cost,
        "bom_items_count": parts,
        "external_items_count": round(parts * random.uniform(0, 0.6)),
        "collaborators": random.choice((0, 0, 0, 1, 1, 2, 3, 5)),
        "updated_at": plan.now - timedelta(hours=1),
    }


def _places(plan: Plan, projects: tuple[ProjectPlan, ...]) -> list[tuple[int, int, str]]:
    random = plan.random("places of projects")
    rows: list[tuple[int, int, str]] = []
    for week in range(plan.weeks):
        since = plan.at(plan.first_day + 7 * week * DAY, 0)
        until = min(since + 7 * DAY, plan.now)
        there = [project.project_id for project in projects if _is_worked_on(project, since, until)]
        rows += [(week, place, random.choice(there)) for place in range(PLACES) if there]
    return rows


def _is_worked_on(project: ProjectPlan, since: datetime, until: datetime) -> bool:
    has_started = project.started_at is not None and project.started_at <= since
    return has_started and (project.active_until is None or until <= project.active_until)
