"""Members: names and plans, when they join and leave, how often they come. Of facts it knows joining and leaving."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from string import ascii_uppercase
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import members
from makrcave_analytics.sample.plan import DAY, Plan
from makrcave_analytics.sample.scratch import Row, copy, scratch_tables
from makrcave_analytics.sample.settings import member_id

UNSYNCED_PEOPLE = 6
PLACES = 512
"""Entries per week, at least, from which visitors are drawn; a frequent visitor has several."""
ZIPF = 0.6
"""Inequality of members: rank r comes r^-ZIPF times as often as rank 1."""
UNKNOWN_BADGE_PLACES = 5
COMPANIES = ("acme-robotics", "studio-lumen")
"""Customers who are not members: they pay for workshops."""

_PLAN_SHARES = {"basic": 0.38, "maker": 0.34, "pro": 0.12, "student": 0.16}
_JOINED_BEFORE = 0.6
_LEAVING = 0.26


@dataclass(frozen=True)
class Person:
    """A person in the facts. Without sync there is no name, plan or date."""

    number: int
    user_id: str
    is_synced: bool
    activity: float
    name: str | None = None
    plan: str | None = None
    joined_on: date | None = None
    left_on: date | None = None

    def is_member(self, since: date, until: date) -> bool:
        """Return whether the person is a member from `since` to `until`, both included."""
        has_joined = self.joined_on is None or self.joined_on <= since
        return has_joined and (self.left_on is None or until <= self.left_on)


def places(plan: Plan) -> int:
    """Return the number of entries per week, at least one per member."""
    return max(PLACES, plan.member_count or 0)


def draw_people(plan: Plan) -> tuple[Person, ...]:
    """Draw all people in the order of their numbers: members, unsynced visitors, and companies that only pay."""
    random = plan.random("people")
    names = _names(plan, random)
    ranks = [*range(1, plan.members + 1)]
    random.shuffle(ranks)
    synced = [_member(plan, number, names[number], ranks[number], random) for number in range(len(ranks))]
    first = len(synced)
    unsynced = [
        Person(first + place, f"{plan.makerspace.prefix}-visitor-{place + 1}", False, 0.05)
        for place in range(UNSYNCED_PEOPLE)
    ]
    first += len(unsynced)
    companies = [Person(first + place, user_id, False, 0.0) for place, user_id in enumerate(COMPANIES)]
    return (*synced, *unsynced, *companies)


async def fill_people(
    connection: AsyncConnection, plan: Plan, people: tuple[Person, ...], pseudonym: Callable[[UUID, str], str]
) -> None:
    """Store the members, and the entries per week from which the statements draw visitors."""
    makerspace_id = plan.makerspace.id
    await copy(
        connection,
        members,
        (
            {
                "makerspace_id": makerspace_id,
                "user_id": person.user_id,
                "number": person.number,
                "display_name": person.name,
                "plan": person.plan,
                "joined_on": person.joined_on,
                "left_on": person.left_on,
                "pseudonym": pseudonym(makerspace_id, person.user_id),
                "is_synced": person.is_synced,
                "updated_at": plan.now - timedelta(hours=6) if person.is_synced else None,
            }
            for person in people
        ),
    )
    columns = {"week_no": "int", "place": "int", "user_id": "text"}
    await scratch_tables(connection, "sample_regulars", columns, _regulars(plan, people))


def moments_of_people(plan: Plan, people: tuple[Person, ...]) -> list[Row]:
    """Return the events of joining and leaving, and one visit of each unsynced visitor."""
    random = plan.random("moments of people")
    open_days = {day.local_day: day for day in plan.open_days}
    moments: list[Row] = []
    for person in people:
        for day, event_type in ((person.joined_on, "member_joined"), (person.left_on, "member_left")):
            if day in open_days:
                at = plan.at(day, plan.opening_minute(open_days[day], random))
                details = json.dumps({"plan": person.plan})
                moments.append(_moment(at, event_type, "membership", person, details))
        if not person.is_synced and person.activity:
            day_there = random.choice(plan.open_days[:-2])
            at = plan.at(day_there.local_day, plan.opening_minute(day_there, random))
            moments.append(_moment(at, "check_in", "access", person, None))
    return moments


def _moment(at: object, event_type: str, category: str, person: Person, details: str | None) -> Row:
    return {
        "timestamp": at,
        "event_type": event_type,
        "event_category": category,
        "user_id": person.user_id,
        "metadata": details,
    }


def _names(plan: Plan, random: Random) -> list[str]:
    """Draw distinct names."""
    makerspace = plan.makerspace
    every = [f"{first} {last}" for first in makerspace.first_names for last in makerspace.last_names]
    for initial in ascii_uppercase:
        if len(every) >= plan.members:
            break
        every += [f"{first} {initial}. {last}" for first in makerspace.first_names for last in makerspace.last_names]
    return random.sample(every, plan.members)


def _member(plan: Plan, number: int, name: str, rank: int, random: Random) -> Person:
    chosen = random.choices(list(_PLAN_SHARES), list(_PLAN_SHARES.values()))[0]
    joined, left = _membership(plan, random)
    if number == 0:  # the member in the demo's tokens
        chosen, joined, left, rank = "maker", plan.first_day - 100 * DAY, None, 10
    return Person(number, member_id(plan.makerspace, number), True, rank**-ZIPF, name, chosen, joined, left)


def _membership(plan: Plan, random: Random) -> tuple[date, date | None]:
    """Draw the days of joining and leaving; those within the sample are open days."""
    if random.random() < _JOINED_BEFORE:
        joined = plan.first_day - random.randint(1, 1400) * DAY
        earliest = 0
    else:
        earliest = random.randrange(len(plan.open_days))
        joined = plan.open_days[earliest].local_day
        earliest += 25
    if random.random() < _LEAVING and earliest < len(plan.open_days) - 1:
        return joined, plan.open_days[random.randrange(earliest, len(plan.open_days) - 1)].local_day
    return joined, None


def _regulars(plan: Plan, people: tuple[Person, ...]) -> list[tuple[int, int, str | None]]:
    random = plan.random("regulars")
    rows: list[tuple[int, int, str | None]] = []
    count = places(plan)
    for week in range(plan.weeks):
        since = plan.first_day + 7 * week * DAY
        there = [person for person in people if person.is_member(since, since + 6 * DAY)]
        weights = list(accumulate(person.activity for person in there))
        drawn = random.choices(there, cum_weights=weights, k=count - UNKNOWN_BADGE_PLACES)
        rows += [(week, place, person.user_id) for place, person in enumerate(drawn)]
        rows += [(week, place, None) for place in range(len(drawn), count)]
    return rows
