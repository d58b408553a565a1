"""What a reader sees follows from two permissions and the smallest group that is shown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Forbidden
from makrcave_analytics.metrics.catalog import revenue, usage
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.privacy.small_groups import GuardedNumber
from makrcave_analytics.metrics.privacy.visibility import Sensitive, Visibility
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult, Scope
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import PeriodPreset

PEOPLE, MONEY = Permission.READ_PEOPLE, Permission.READ_MONEY


def seen_with(*permissions: Permission, least: int = 5) -> Visibility:
    return Visibility(frozenset({Permission.READ, *permissions}), least)


@pytest.fixture
async def scope(database: Any, asking: Any, make_makerspace: Any) -> Scope:
    asked = asking(database, await make_makerspace())
    found: Scope = await asked.scope(PeriodPreset.LAST_7_DAYS, datetime(2026, 6, 1, tzinfo=UTC))
    return found


async def three_people(asked: MeasureQuery) -> MeasureResult:
    return MeasureResult({(): dict.fromkeys(range(len(asked.spans)), 3)})


@pytest.mark.parametrize(
    ("permissions", "people", "money"),
    [((), False, False), ((PEOPLE,), True, False), ((MONEY,), False, True), ((PEOPLE, MONEY), True, True)],
)
def test_each_permission_shows_its_own(permissions: tuple[Permission, ...], people: bool, money: bool) -> None:
    visibility = seen_with(*permissions)
    assert (visibility.people, visibility.money) == (people, money)
    assert (visibility.shows(Sensitive.PEOPLE), visibility.shows(Sensitive.MONEY)) == (people, money)
    assert visibility.shows_metric(revenue.net_revenue) is money
    assert visibility.shows_metric(usage.events)
    assert visibility.shows_keys(Dimension.MEMBER) is visibility.shows_keys(Dimension.CUSTOMER) is people
    assert visibility.shows_keys(Dimension.EVENT_TYPE)


@pytest.mark.parametrize(
    ("visibility", "hides", "least_shown"),
    [(seen_with(), True, 5), (seen_with(least=1), False, 1), (seen_with(PEOPLE), False, 0)],
)
def test_small_groups_are_hidden_from_readers_who_may_not_see_people(
    visibility: Visibility, hides: bool, least_shown: int
) -> None:
    assert visibility.hides_small_groups is visibility.guards(usage.active_members) is hides
    assert not visibility.guards(usage.events), "it counts no people"
    assert min(count for count in range(10) if visibility.shows_count(count)) == least_shown


@pytest.mark.parametrize(
    ("visibility", "metric", "is_part", "total"),
    [
        (seen_with(), usage.active_members, True, None),
        (seen_with(), usage.active_members, False, 3),
        (seen_with(), usage.events, True, 3),
        (seen_with(least=3), usage.active_members, True, 3),
        (seen_with(PEOPLE), usage.active_members, True, 3),
    ],
)
async def test_the_total_of_a_part_is_hidden_where_it_is_a_small_group(
    scope: Scope, visibility: Visibility, metric: Metric, is_part: bool, total: int | None
) -> None:
    number = visibility.number(metric, scope, three_people, is_part=is_part)
    assert await number.total() == total
    assert isinstance(number, GuardedNumber) is (is_part and visibility.guards(metric))


async def test_an_amount_is_refused_without_the_permission(scope: Scope) -> None:
    with pytest.raises(Forbidden, match="READ_MONEY"):
        seen_with(PEOPLE).number(revenue.net_revenue, scope, three_people)
    assert await seen_with(MONEY).number(usage.events, scope, three_people).total() == 3
