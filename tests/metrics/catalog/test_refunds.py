"""Refunds end what they refund, and what recurs by the month is the same each month."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from tests.metrics.scenario import insert_payment
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.metrics.catalog.revenue import (
    monthly_recurring_revenue,
    net_revenue,
    recognized_revenue,
    recurring_share,
)
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain

LATER = datetime(2026, 6, 1, tzinfo=UTC)
OCTOBER = (date(2025, 10, 1), date(2025, 10, 31))
NOVEMBER = (date(2025, 11, 1), date(2025, 11, 30))
MEMBERSHIP = {"revenue_source": "membership", "is_recurring": True}
FOR_OCTOBER = {"service_from": OCTOBER[0], "service_until": OCTOBER[1]}
FOR_THE_QUARTER = {"service_from": date(2025, 10, 1), "service_until": date(2025, 12, 31)}


@pytest.fixture
async def club(make_makerspace: MakeMakerspace) -> MakerspaceId:
    return await make_makerspace(currency="EUR")


@pytest.fixture
def total(database: Any, asking: Any, club: MakerspaceId) -> Any:
    async def of(metric: Metric, days: tuple[date, date]) -> Decimal | None:
        found: Decimal | None = await (await asking(database, club).number(metric, days, LATER)).total()
        return found

    return of


async def test_a_refund_takes_flag_and_days_of_service_from_what_it_pays_back(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any
) -> None:
    await insert_payment(owner, club, OCTOBER[0], "100.00", transaction_id="t1", **MEMBERSHIP, **FOR_OCTOBER)
    await insert_payment(owner, club, date(2025, 10, 20), "-90.00", revenue_source="membership", refund_of="t1")
    assert await total(recurring_share, OCTOBER) == 100
    assert await total(monthly_recurring_revenue, OCTOBER) == 10
    assert await total(recognized_revenue, OCTOBER) == 10


async def test_a_payment_that_was_paid_back_whole_is_earned_nowhere(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any
) -> None:
    await insert_payment(owner, club, OCTOBER[0], "120.00", transaction_id="t1", **MEMBERSHIP, **FOR_THE_QUARTER)
    await insert_payment(owner, club, date(2025, 10, 5), "-120.00", revenue_source="membership", refund_of="t1")
    assert await total(recognized_revenue, NOVEMBER) == 0
    assert await total(monthly_recurring_revenue, NOVEMBER) == 0
    assert await total(recognized_revenue, (OCTOBER[0], date(2025, 12, 31))) == 0


async def test_a_refund_recorded_before_its_payment_finds_it_later_and_an_unknown_one_stands_alone(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any
) -> None:
    await insert_payment(owner, club, date(2025, 10, 5), "-30.00", revenue_source="membership", refund_of="later")
    assert await total(recognized_revenue, NOVEMBER) == 0
    assert await total(recognized_revenue, OCTOBER) == -30
    await insert_payment(owner, club, OCTOBER[0], "92.00", transaction_id="later", **MEMBERSHIP, **FOR_THE_QUARTER)
    # 62.00 over 92 days, 30 of them in November: 92 · 30 ÷ 92 − 30 · 30 ÷ 92, each rounded by its days.
    assert await total(recognized_revenue, NOVEMBER) == Decimal("20.22")


async def test_a_refund_means_the_line_of_its_own_id_and_days_of_its_own_stand(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any
) -> None:
    await insert_payment(owner, club, OCTOBER[0], "10.00", transaction_id="t1", line_id="1", revenue_source="materials")
    await insert_payment(
        owner, club, OCTOBER[0], "31.00", transaction_id="t1", line_id="2", **MEMBERSHIP, **FOR_OCTOBER
    )
    own_days = {"service_from": NOVEMBER[0], "service_until": NOVEMBER[1]}
    await insert_payment(owner, club, OCTOBER[1], "-31.00", transaction_id="r1", line_id="2", refund_of="t1")
    await insert_payment(owner, club, OCTOBER[1], "-3.00", transaction_id="r2", line_id="2", refund_of="t1", **own_days)
    assert await total(recognized_revenue, OCTOBER) == 10
    assert await total(recognized_revenue, NOVEMBER) == -3


@pytest.mark.parametrize(
    ("recurring", "other", "share"), [("100.00", "-50.00", 100), ("-10.00", "60.00", 0), ("100.00", "-150.00", None)]
)
async def test_a_share_is_within_0_and_100_whatever_was_paid_back(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any, recurring: str, other: str, share: int | None
) -> None:
    await insert_payment(owner, club, OCTOBER[0], recurring, **MEMBERSHIP)
    await insert_payment(owner, club, OCTOBER[0], other, revenue_source="materials")
    assert await total(recurring_share, OCTOBER) == share


async def test_30_for_each_month_is_30_in_each(
    database: Any, asking: Any, owner: asyncpg.Connection, club: MakerspaceId
) -> None:
    for month in range(1, 13):
        first, following = date(2025, month, 1), date(2025 + month // 12, month % 12 + 1, 1)
        until = date.fromordinal(following.toordinal() - 1)
        await insert_payment(owner, club, first, "30.00", service_from=first, service_until=until, **MEMBERSHIP)
    year = (date(2025, 1, 1), date(2025, 12, 31))
    number = await asking(database, club).number(monthly_recurring_revenue, year, LATER)
    assert [point.value for point in await number.series(Grain.MONTH)] == [30] * 12


async def test_a_calendar_year_is_a_twelfth_a_month_and_other_spans_count_by_days(
    owner: asyncpg.Connection, club: MakerspaceId, total: Any
) -> None:
    year = {"service_from": date(2025, 1, 1), "service_until": date(2025, 12, 31)}
    await insert_payment(owner, club, date(2025, 1, 1), "100.00", **MEMBERSHIP, **year)
    assert await total(monthly_recurring_revenue, OCTOBER) == Decimal("8.333333")
    # 30 days from the 5th: 10.00 ÷ 30 × 365.25 ÷ 12 is 10.145833 more.
    days = {"service_from": date(2025, 10, 5), "service_until": date(2025, 11, 3)}
    await insert_payment(owner, club, date(2025, 10, 5), "10.00", **MEMBERSHIP, **days)
    assert await total(monthly_recurring_revenue, OCTOBER) == Decimal("18.479167")


async def test_a_negative_slice_has_no_share_and_leaves_the_others_theirs(
    database: Any, asking: Any, owner: asyncpg.Connection, club: MakerspaceId
) -> None:
    for customer, amount in (("ada", "100.00"), ("bea", "50.00"), ("cleo", "-6.02")):
        await insert_payment(owner, club, OCTOBER[0], amount, revenue_source="materials", customer_id=customer)
    number = await asking(database, club).number(net_revenue, OCTOBER, LATER)
    slices = await number.breakdown(Dimension.CUSTOMER, 3)
    assert [(part.key, part.value, part.share) for part in slices] == [
        ("ada", 100, pytest.approx(100 / 150)), ("bea", 50, pytest.approx(50 / 150)), ("cleo", Decimal("-6.02"), None),
    ]  # fmt: skip
    ada, rest = await number.breakdown(Dimension.CUSTOMER, 1)
    assert (ada.share, rest.value, rest.share) == (pytest.approx(100 / 150), Decimal("43.98"), pytest.approx(50 / 150))
