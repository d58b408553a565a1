"""Member metrics of given members: members, new, lost and churn."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.metrics.scenario import insert_members

from makrcave_analytics.metrics.catalog import usage
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Comparison, Grain

NOW = datetime(2026, 3, 20, 11, tzinfo=UTC)
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
METRICS = (usage.members, usage.new_members, usage.lost_members, usage.churn_rate)


@pytest.fixture
async def club(owner, make_makerspace):
    """Eight synced members and one person whom only facts name."""
    makerspace = await make_makerspace()
    for name, joined, left, plan in (
        ("ada", None, None, "maker"),  # a member since an unknown day
        ("ben", date(2025, 6, 1), None, "maker"),
        ("cleo", date(2025, 6, 1), date(2026, 1, 31), "maker"),  # February begins without cleo
        ("dan", date(2025, 6, 1), date(2026, 2, 28), "basic"),  # a member on the 28th, none in March
        ("eve", date(2026, 2, 1), None, "basic"),
        ("flo", date(2026, 2, 10), date(2026, 2, 20), "basic"),  # joined and left within February
        ("gus", date(2026, 2, 28), date(2026, 3, 20), "basic"),  # whose last day is today
        ("hal", date(2026, 3, 25), None, "basic"),  # who is going to join
    ):
        await insert_members(owner, makerspace, name, joined_on=joined, left_on=left, plan=plan, is_synced=True)
    await insert_members(owner, makerspace, "ivy", first_seen_on=date(2026, 2, 5))
    return makerspace


async def test_members_join_and_leave_on_days_of_which_the_last_is_included(
    database: Any, asking: Any, club: Any
) -> None:
    asked = asking(database, club)
    # At the end of February: ada, ben, eve, gus. New: eve, flo, gus. Lost: dan, flo.
    # On 1 February there were ada, ben and dan; of these three dan left: 33.333333 %.
    assert await asked.totals(METRICS, FEBRUARY, NOW) == {
        "members": 4, "newMembers": 3, "lostMembers": 2, "churnRate": Decimal("33.333333"),
    }  # fmt: skip
    # March up to now: still the four, as gus' last day is not over; lost all the same; hal is not there yet.
    # On 1 March there were ada, ben, eve and gus: 25 %.
    assert await asked.totals(METRICS, MARCH, NOW) == {
        "members": 4, "newMembers": 0, "lostMembers": 1, "churnRate": 25,
    }  # fmt: skip


async def test_members_are_read_as_of_the_end_of_each_bucket(database: Any, asking: Any, club: Any) -> None:
    number = await asking(database, club).number(usage.members, FEBRUARY, NOW, Comparison.PREVIOUS_PERIOD)
    # The four weeks before February end with its first day not begun: ada, ben, dan; cleo's last day has passed.
    assert (await number.total(), await number.previous(), await number.change()) == (4, 3, 1)
    # Weeks end on 1, 8, 15, 22 and 28 February: eve from the 1st, flo from the 10th to the 20th, gus on the 28th.
    assert [point.value for point in await number.series(Grain.WEEK)] == [4, 4, 5, 4, 4]
    days = [point.value for point in await number.series(Grain.DAY)]
    # The 9th · the 10th, with flo · the 19th · the 20th, after which flo has left · the 27th · the 28th: gus for dan.
    assert [days[day - 1] for day in (9, 10, 19, 20, 27, 28)] == [4, 5, 5, 4, 4, 4]


async def test_members_by_plan(database: Any, asking: Any, club: Any) -> None:
    asked = asking(database, club)
    by_plan = {}
    for metric in METRICS:
        parts = await (await asked.number(metric, FEBRUARY, NOW)).breakdown(Dimension.MEMBER_PLAN, 10)
        by_plan[metric.key] = {part.key: part.value for part in parts}
    assert by_plan == {
        "members": {"maker": 2, "basic": 2},
        "newMembers": {"basic": 3},
        "lostMembers": {"basic": 2},
        "churnRate": {"basic": 100, "maker": 0},
    }


async def test_without_synced_members_people_join_when_they_are_first_seen(
    database: Any, asking: Any, owner: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    # Recording began on 4 January: until the 31st, 28 days, all are seen for the first time.
    for name, first_seen in (("ada", date(2026, 1, 4)), ("ben", date(2026, 1, 31)), ("cleo", date(2026, 2, 1))):
        await insert_members(owner, makerspace, name, first_seen_on=first_seen)
    await insert_members(owner, makerspace, "dan")  # no fact of dan is left
    asked = asking(database, makerspace)
    january = (date(2026, 1, 1), date(2026, 1, 31))
    assert await asked.totals(METRICS, january, NOW) == {
        "members": 2, "newMembers": 0, "lostMembers": 0, "churnRate": None,
    }  # fmt: skip
    assert await asked.totals(METRICS, FEBRUARY, NOW) == {
        "members": 3, "newMembers": 1, "lostMembers": 0, "churnRate": 0,
    }  # fmt: skip
