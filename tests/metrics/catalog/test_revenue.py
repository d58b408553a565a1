"""Revenue metrics of given lines, through GraphQL; recognized revenue also of random amounts."""

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from tests.metrics.payments import TEN_THOUSANDTHS, read_payments, spread
from tests.metrics.scenario import insert_event, insert_members, insert_payment, roll_up

from makrcave_analytics.metrics.catalog import revenue
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 11, 15, 25, tzinfo=BERLIN)
"""A Wednesday."""
LATER = datetime(2028, 1, 1, tzinfo=BERLIN)
MARCH = "period: {preset: THIS_MONTH}, compareTo: PREVIOUS_PERIOD"
"""1 to 11 March so far, and 1 to 11 February: payments have no time, so that the 11th counts whole."""
MEMBERSHIP = {"revenue_source": "membership", "is_recurring": True, "payment_method": "transfer"}


def day(number: int, month: int = 3) -> date:
    return date(2026, month, number)


@pytest.fixture
async def makerspace(api, owner, database, make_makerspace):
    """A makerspace in Berlin that sells memberships, workshops and machine time."""
    api.now = NOW
    makerspace = await make_makerspace(locale="de-DE")
    await insert_members(owner, makerspace, "ada", plan="maker")
    await insert_members(owner, makerspace, "ben", "cleo", plan="basic")
    lines: list[tuple[date, str, str, dict[str, Any]]] = [
        # A month of 28 days, paid in February: 40.00 − 6.39 = 33.61 net.
        (day(11, 2), "40.00", "6.39", MEMBERSHIP | {"service_from": day(11, 2), "service_until": day(10)}),
        # A quarter of 92 days from 1 March: 119 − 19 = 100 net.
        (day(2), "119.00", "19.00", MEMBERSHIP | {"service_from": day(1), "service_until": day(31, 5)}
         | {"customer_id": "ben"}),
        (day(3), "30.00", "4.79", {"transaction_id": "T", "equipment_id": "laser", "customer_id": "cleo"}),
        (day(3), "20.00", "3.19", {"transaction_id": "T", "line_id": "2", "customer_id": "cleo",
                                   "revenue_source": "materials"}),
        (day(11), "-20.00", "-3.19", {"customer_id": "cleo", "revenue_source": "materials", "refund_of": "T"}),
        (day(10), "15.00", "0.00", {"customer_id": None, "payment_method": "cash", "revenue_source": "donation"}),
        (day(12, 2), "77.00", "7.00", {}),  # a day after what March so far is compared with
        (day(5), "500.00", "0.00", {"currency": "USD"}),
        (day(6), "-100.00", "0.00", {"currency": "USD"}),
        (day(5), "9999.00", "0.00", {"voided_at": NOW}),
    ]  # fmt: skip
    for paid_on, amount, tax, columns in lines:
        await insert_payment(owner, makerspace, paid_on, amount, tax_amount=Decimal(tax), **columns)
    for user in ("ada", "ben"):
        await insert_event(owner, makerspace, datetime(2026, 3, 2, 10, tzinfo=BERLIN), user, "login")
    await roll_up(database, makerspace, "Europe/Berlin")
    return makerspace


async def _march(api: Any, makerspace: Any, *keys: str, fields: str = "decimal previous") -> list[Any]:
    document = f"{{ revenue({MARCH}) {{ {' '.join(f'{key} {{ {fields} }}' for key in keys)} }} }}"
    answer = (await api.ask(document, makerspace))["revenue"]
    return [tuple(answer[key].values()) for key in keys]


async def test_what_was_paid(api: Any, makerspace: Any) -> None:
    found = await _march(api, makerspace, "grossRevenue", "refunds", "tax", "netRevenue", "membershipRevenue")
    assert found == [
        ("184.00", 40.0),  # 119 + 30 + 20 + 15; February: 40, its 12th being a day too late
        ("20.00", 0.0),
        ("23.79", 6.39),  # 19 + 4.79 + 3.19 − 3.19
        ("140.21", 33.61),  # 184 − 20 − 23.79; 40 − 6.39
        ("100.00", 33.61),  # 119 − 19
    ]


async def test_who_paid_how_often(api: Any, makerspace: Any) -> None:
    found = await _march(api, makerspace, "transactions", "averageTransaction", "payingCustomers")
    assert found == [
        ("3", 1.0),  # the membership, T with its two lines, the donation; the refund is none
        ("61.333333", 40.0),  # 184 ÷ 3
        ("2", 1.0),  # ben and cleo; the donor is unknown
    ]


async def test_what_was_earned(api: Any, makerspace: Any) -> None:
    # Of 33.61 over 28 days, 18 days (11 to 28 February) are 33.61 × 18 ÷ 28 = 21.606… → 21.61 by the end of February,
    # so that 33.61 − 21.61 = 12.00 fall into March. Of 100 over 92 days, 11: 11.9565… → 11.96.
    # On their date: 30 − 4.79 = 25.21, 16.81 and − 16.81, 15. Together 64.17.
    # 1 to 11 February: the first of the 28 days, 1.20036 → 1.20.
    # Two people were active in March, nobody in February.
    found = await _march(
        api, makerspace, "recognizedRevenue", "recurringShare", "revenuePerActiveMember", fields="decimal previous"
    )
    assert found == [
        ("64.17", 1.2),
        ("37.33832", 100.0),  # 12.00 + 11.96 = 23.96 of 64.17
        ("32.085", None),  # 64.17 ÷ 2
    ]
    fields = "series(grain: DAY) { value }"
    ((points,),) = await _march(api, makerspace, "recognizedRevenue", fields=fields)
    # The second term brings 1.09 (100 ÷ 92 = 1.08695…) on the first day, 2.17 by the second, 3.26 by the third.
    # The first, on its 19th, 20th and 21st day: 22.8067… 24.0071… 25.2075 → 22.81, 24.01, 25.21.
    assert [point["value"] for point in points[:3]] == [
        pytest.approx(value) for value in (1.20 + 1.09, 1.20 + 1.08, 1.20 + 1.09 + 25.21 + 16.81)
    ]


async def test_what_recurs_in_a_month_is_as_of_the_last_day(api: Any, makerspace: Any) -> None:
    # Today, the 11th: the first term ended yesterday. March to May: 100 ÷ 3 = 33.333333…
    # As of 11 February: 33.61 ÷ 28 × 30.4375 = 36.5358705…
    (found,) = await _march(api, makerspace, "monthlyRecurringRevenue")
    assert found == ("33.333333", 36.535871)
    fields = "series(grain: DAY) { value } breakdown(by: MEMBER_PLAN) { key value }"
    ((points, plans),) = await _march(api, makerspace, "monthlyRecurringRevenue", fields=fields)
    # Both until the 10th.
    assert [point["value"] for point in points] == [pytest.approx(69.869204, abs=1e-6)] * 10 + [33.333333]
    assert plans == [{"key": "basic", "value": 33.333333}]


async def test_breakdowns(api: Any, makerspace: Any) -> None:
    fields = "REVENUE_SOURCE: breakdown(by: REVENUE_SOURCE) { key decimal formatted share }"
    ((by_source,), (transactions,)) = await _march(api, makerspace, "grossRevenue", "transactions", fields=fields)
    assert [(part["key"], part["decimal"]) for part in by_source] == [
        ("membership", "119.00"), ("workshop", "30.00"), ("materials", "20.00"), ("donation", "15.00"),
    ]  # fmt: skip
    assert by_source[0]["formatted"] == "119,00\xa0€"
    # T is a transaction of both its sources.
    assert {part["key"]: part["decimal"] for part in transactions} == dict.fromkeys(
        ("membership", "workshop", "materials", "donation"), "1"
    )
    fields = """CUSTOMER: breakdown(by: CUSTOMER) { key decimal } EQUIPMENT: breakdown(by: EQUIPMENT) { key decimal }
        MEMBER_PLAN: breakdown(by: MEMBER_PLAN) { key decimal }"""
    ((customers, machines, plans),) = await _march(api, makerspace, "netRevenue", fields=fields)
    # cleo: 25.21 + 16.81 − 16.81.
    assert _pairs(customers) == [("ben", "100.00"), ("cleo", "25.21"), (None, "15.00")]
    assert _pairs(machines) == [(None, "115.00"), ("laser", "25.21")]
    assert _pairs(plans) == [("basic", "125.21"), (None, "15.00")]


async def test_currencies_are_never_added_up(api: Any, makerspace: Any) -> None:
    document = f"""{{ revenue({MARCH}) {{
        meta {{ currency }} otherCurrencies {{ currency gross refunds tax net transactions }} }}
      dollars: revenue({MARCH}, currency: "USD") {{
        meta {{ currency }} grossRevenue {{ decimal formatted unitLabel }} otherCurrencies {{ currency net }} }} }}"""
    answer = await api.ask(document, makerspace)
    assert answer["revenue"] == {
        "meta": {"currency": "EUR"},
        "otherCurrencies": [
            {"currency": "USD", "gross": "500.00", "refunds": "100.00", "tax": "0.00", "net": "400.00",
             "transactions": 1},
        ],
    }  # fmt: skip
    assert answer["dollars"] == {
        "meta": {"currency": "USD"},
        "grossRevenue": {"decimal": "500.00", "formatted": "500,00\xa0$", "unitLabel": "$"},
        "otherCurrencies": [{"currency": "EUR", "net": "140.21"}],
    }


async def test_a_currency_never_used_is_refused_and_only_that_field_is_null(api: Any, makerspace: Any) -> None:
    document = '{ revenue(currency: "JPY") { refunds { value } } usage { logins { value } } }'
    outcome = await api.run(document, makerspace)
    assert outcome.body["data"] == {"revenue": None, "usage": {"logins": {"value": 2.0}}}
    ((code, message),) = await api.refusals(document, makerspace)
    assert (code, message) == ("INVALID", "No money was taken in this currency. Accepted: EUR, USD.")


async def test_money_is_for_those_who_may_see_it(api: Any, makerspace: Any) -> None:
    document = f"""{{ revenue({MARCH}) {{ meta {{ notes }} netRevenue {{ value }} averageTransaction {{ value }}
        transactions {{ value }} recurringShare {{ value }} otherCurrencies {{ net }} }} }}"""
    answer = (await api.ask(document, makerspace, role="operations"))["revenue"]
    notes = answer.pop("meta")["notes"]
    assert [note for note in notes if "READ_MONEY" in note] == [
        "Money is left out: it is shown to those who may see it (READ_MONEY)."
    ]
    assert answer == {
        "netRevenue": None,
        "averageTransaction": None,
        "transactions": {"value": 3.0},
        "recurringShare": {"value": 37.33832},
        "otherCurrencies": [],
    }


async def test_metrics_of_money_have_no_hours(api: Any, makerspace: Any) -> None:
    document = "{ revenue(period: {preset: TODAY}) { netRevenue { series(grain: HOUR) { value } } } }"
    ((code, message),) = await api.refusals(document, makerspace)
    assert (code, message) == (
        "INVALID", "HOUR is finer than this metric is kept. Accepted: DAY, WEEK, MONTH, QUARTER, YEAR.",
    )  # fmt: skip


async def test_a_yen_has_no_parts(api: Any, owner: Any, make_makerspace: Any) -> None:
    makerspace = await make_makerspace(currency="JPY")
    api.now = NOW
    service = {"currency": "JPY", "service_from": day(1), "service_until": day(4)}
    await insert_payment(owner, makerspace, day(1), "10", **service)
    answer = await api.ask(
        "{ revenue(period: {preset: THIS_MONTH}) { recognizedRevenue { decimal series(grain: DAY) { value } } } }",
        makerspace,
    )
    # 2.5, 5, 7.5, 10: halves go to the even one, so 2, 5, 8, 10.
    found = answer["revenue"]["recognizedRevenue"]
    assert found["decimal"] == "10"
    assert [point["value"] for point in found["series"]][:5] == [2, 3, 3, 2, 0]


async def test_every_part_of_a_payment_is_given_to_one_day(
    database: Any, asking: Any, owner: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    random = Random(11)  # noqa: S311
    for number in range(300):
        since = day(1, 1) + timedelta(days=random.randint(0, 300))
        service = {
            "service_from": since,
            "service_until": since + timedelta(days=random.choice((0, 1, 6, 27, 29, 364))),
        }
        amount = Decimal(random.randint(-(10**7), 10**7)).scaleb(-2)
        await insert_payment(owner, makerspace, since, str(amount), **service if number % 9 else {})
    parts = spread(await read_payments(owner, makerspace.value))
    number = await asking(database, makerspace).number(
        revenue.recognized_revenue, (day(1, 1), date(2027, 12, 31)), LATER
    )
    points = await number.series(Grain.DAY)
    expected = dict(parts.group_by("day").agg(pl.col("recognized").sum()).rows())
    assert {point.bucket.start.date(): point.value for point in points if point.value} == {
        on: Decimal(part) / TEN_THOUSANDTHS for on, part in expected.items() if part
    }
    assert sum(point.value for point in points) == await number.total()
    assert await number.total() == await owner.fetchval("SELECT sum(amount - tax_amount) FROM revenue_analytics")


async def test_a_million_amounts_sum_to_the_cent(database: Any, asking: Any, owner: Any, make_makerspace: Any) -> None:
    """Payments and refunds, with tax: in all, day by day and by what was paid for."""
    makerspace = await make_makerspace()
    random = Random(4)  # noqa: S311
    cents = [random.randint(-(10**12), 10**12) for _ in range(1_000_000)]
    await owner.execute("ALTER TABLE revenue_analytics DROP CONSTRAINT revenue_analytics_pkey")
    await owner.execute("DROP INDEX idx_revenue_analytics_makerspace_date, idx_revenue_analytics_service")
    await owner.execute(
        """
        INSERT INTO revenue_analytics (makerspace_id, transaction_id, line_id, transaction_date, revenue_source, amount,
                                       tax_amount, currency, payment_method)
        SELECT $1, n::text, '1', DATE '2026-03-01' + n::int % 11,
               CASE n % 3 WHEN 0 THEN 'membership' ELSE 'workshop' END, cents * 0.01, cents % 1000 * 0.01, 'EUR', 'card'
        FROM unnest($2::bigint[]) WITH ORDINALITY AS line (cents, n)
        """,
        makerspace.value, cents,
    )  # fmt: skip
    # As SQL, a remainder has the sign of what is divided.
    taxes = [amount % 1000 if amount > 0 else -(-amount % 1000) for amount in cents]
    nets = [amount - tax for amount, tax in zip(cents, taxes, strict=True)]
    expected = {
        revenue.gross_revenue: sum(amount for amount in cents if amount > 0),
        revenue.refunds: -sum(amount for amount in cents if amount < 0),
        revenue.tax: sum(taxes),
        revenue.net_revenue: sum(nets),
        revenue.membership_revenue: sum(nets[2::3]),
    }
    asked = asking(database, makerspace)
    numbers = [await asked.number(metric, (day(1), day(11)), NOW) for metric in expected]
    totals, series, methods = await asyncio.gather(
        asyncio.gather(*(number.total() for number in numbers)),
        asyncio.gather(*(number.series(Grain.DAY) for number in numbers)),
        asyncio.gather(*(number.breakdown(Dimension.PAYMENT_METHOD, 5) for number in numbers)),
    )
    sums = [Decimal(sum_).scaleb(-2) for sum_ in expected.values()]
    assert totals == sums
    assert [sum(point.value for point in points) for points in series] == sums
    assert [[part.value for part in parts] for parts in methods] == [[sum_] for sum_ in sums]
    assert totals[0] - totals[1] - totals[2] == totals[3]


def _pairs(parts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(part["key"], part["decimal"]) for part in parts]
