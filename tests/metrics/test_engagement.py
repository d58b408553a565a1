"""Engagement metrics of given rows: visits, stickiness, active days and events by type."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert_event, insert_members, insert_session, roll_up

from makrcave_analytics.metrics.catalog import usage
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Comparison, Grain, PeriodPreset

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 11, 15, 30, tzinfo=BERLIN)
"""A Wednesday."""


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """Return an instant from the local time of Berlin."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
async def numbers(database, asking, owner, make_makerspace):
    """Events and sessions of two weeks, and two check-ins a month earlier."""
    makerspace = await make_makerspace()
    await insert_members(owner, makerspace, "ada", "ben", plan="maker")
    await insert_members(owner, makerspace, "cleo", plan="basic")
    for moment, user, event_type in (
        (at(10, 9, month=2), "ada", "check_in"),  # 29 days before 11 March
        (at(9, 9, month=2), "cleo", "check_in"),  # 30 days before it, 29 before 10 March
        (at(4, 9), "ada", "check_in"),
        (at(4, 15, 40), "ben", "check_in"),  # later in the day than now
        (at(9, 9), "ada", "check_in"),
        (at(9, 12), "ada", "check_in"),
        (at(9, 13), "ben", "login"),
        (at(9, 13), None, "check_in"),
        (at(10, 10), "ada", "equipment_reservation"),
        (at(10, 10), "ada", "equipment_reservation"),
        (at(10, 11), "ben", "inventory_issue"),
        (at(11, 8), "ada", "project_created"),
    ):
        things = {"equipment_id": "laser", "item_id": "plywood"} if moment.day == 10 else {}
        await insert_event(owner, makerspace, moment, user, event_type, **things)
    await insert_session(owner, makerspace, "ben", at(9, 23), at(10, 1))  # touches two days
    await insert_session(owner, makerspace, "cleo", at(10, 22), None)  # open: the day it starts
    await insert_session(owner, makerspace, "cleo", at(8, 22), at(8, 23), usage_type="maintenance")
    await roll_up(database, makerspace, "Europe/Berlin")
    return asking(database, makerspace)


async def test_a_visit_is_a_member_and_a_day(numbers: Any) -> None:
    number = await numbers.number(usage.visits, PeriodPreset.THIS_WEEK, NOW, Comparison.PREVIOUS_PERIOD)
    # The 9th: ada once, ben by his session; the 10th: ben until 1:00, cleo. Logins and reservations are no visits.
    # The week before up to Wednesday 15:30: ada on the 4th.
    assert (await number.total(), await number.previous()) == (4, 1)
    assert [point.value for point in await number.series(Grain.DAY)] == [2, 2, 0]
    assert {part.key: part.value for part in await number.breakdown(Dimension.MEMBER, 10)} == {
        "ben": 2, "ada": 1, "cleo": 1,
    }  # fmt: skip
    assert {part.key: part.value for part in await number.breakdown(Dimension.MEMBER_PLAN, 10)} == {
        "maker": 3, "basic": 1,
    }  # fmt: skip
    weekdays = await number.breakdown(Dimension.DAY_OF_WEEK, 10)
    assert [(part.value, part.previous) for part in weekdays] == [(2, 0), (2, 0), (0, 1)] + [(0, 0)] * 4


async def test_a_visit_lies_in_the_hour_in_which_it_begins(numbers: Any) -> None:
    number = await numbers.number(usage.visits, PeriodPreset.THIS_WEEK, NOW)
    hours = [point.value for point in await number.series(Grain.HOUR)]
    # Monday: ada at 9:00, ben at 23:00. Tuesday: ben is there at midnight, cleo comes at 22:00.
    assert {hour: value for hour, value in enumerate(hours) if value} == {9: 1, 23: 1, 24: 1, 46: 1}


async def test_stickiness_is_days_over_months(numbers: Any) -> None:
    number = await numbers.number(usage.stickiness, PeriodPreset.THIS_WEEK, NOW, Comparison.PREVIOUS_PERIOD)
    # Active by day: the 9th ada, ben; the 10th ada, ben, cleo; the 11th ada: 6. In the 30 days that end with it:
    # from 8 February ada, ben, cleo; from 9 February all; from 10 February all three, cleo by her session: 9.
    assert await number.total() == Decimal("66.666667")
    # 2 to 4 March, 15:30: none, none, ada; in 30 days ada and cleo each time, as ben comes later: 1 of 6.
    assert await number.previous() == Decimal("16.666667")
    # 2 of 3, 3 of 3, 1 of 3
    assert [point.value for point in await number.series(Grain.DAY)] == [
        Decimal("66.666667"),
        100,
        Decimal("33.333333"),
    ]


async def test_days_on_which_anything_happened(numbers: Any) -> None:
    number = await numbers.number(usage.active_days, PeriodPreset.LAST_30_DAYS, NOW)
    # 10 February, 4, 9, 10 and 11 March; a session is no event.
    assert await number.total() == 5
    assert sum(point.value for point in await number.series(Grain.WEEK)) == 5


async def test_what_members_do_is_counted_by_its_type(numbers: Any) -> None:
    counted = (usage.equipment_reservations, usage.inventory_issues, usage.projects_created, usage.events_per_member)
    # 8 events of ada, ben and an unknown person; cleo, by her session, is the third active member.
    assert await numbers.totals(counted, PeriodPreset.THIS_WEEK, NOW) == {
        "equipmentReservations": 2, "inventoryIssues": 1, "projectsCreated": 1, "eventsPerMember": Decimal("2.666667"),
    }  # fmt: skip
    reservations = await numbers.number(usage.equipment_reservations, PeriodPreset.THIS_WEEK, NOW)
    assert [(p.key, p.value) for p in await reservations.breakdown(Dimension.EQUIPMENT, 5)] == [("laser", 2)]
    issues = await numbers.number(usage.inventory_issues, PeriodPreset.THIS_WEEK, NOW)
    assert [(p.key, p.value) for p in await issues.breakdown(Dimension.ITEM, 5)] == [("plywood", 1)]
