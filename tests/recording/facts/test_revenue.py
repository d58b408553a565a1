"""Revenue: lines of transactions, their amounts, taxes and currencies."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.recording.factories import payment, statuses

from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.currency import is_currency, minor_units
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.facts.revenue import check_revenue
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.recording.rollups.verify import verify_rollups

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

BAD = {
    "transaction empty": ({"transaction_id": ""}, "transactionId"),
    "transaction of 101 characters": ({"transaction_id": "t" * 101}, "transactionId"),
    "line empty": ({"line_id": ""}, "lineId"),
    "day malformed": ({"transaction_date": Malformed("x", "No.")}, "transactionDate"),
    "day that has begun nowhere": ({"transaction_date": date(2026, 3, 3)}, "transactionDate"),
    "source empty": ({"revenue_source": ""}, "revenueSource"),
    "method with a line end": ({"payment_method": "card\n"}, "paymentMethod"),
    "amount in exponent form": ({"amount": Malformed("1e5", "No.")}, "amount"),
    "amount not a number": ({"amount": Decimal("NaN")}, "amount"),
    "amount of 10^15": ({"amount": Decimal(10**15)}, "amount"),
    "tax of the other sign": ({"tax_amount": Decimal(-1)}, "taxAmount"),
    "tax above the amount": ({"tax_amount": Decimal("119.01")}, "taxAmount"),
    "positive tax of a refund": ({"amount": Decimal(-5), "tax_amount": Decimal(1)}, "taxAmount"),
    "unknown currency": ({"currency": "XYZ"}, "currency"),
    "currency in lower case": ({"currency": "eur"}, "currency"),
    "customer empty": ({"customer_id": ""}, "customerId"),
    "machine of 101 characters": ({"equipment_id": "m" * 101}, "equipmentId"),
    "service without an end": ({"service_from": date(2026, 1, 1)}, "serviceUntil"),
    "service without a beginning": ({"service_until": date(2026, 1, 1)}, "serviceFrom"),
    "service that ends before it begins": (
        {"service_from": date(2026, 1, 2), "service_until": date(2026, 1, 1)},
        "serviceUntil",
    ),
    "service of a hundred years": (
        {"service_from": date(2026, 1, 1), "service_until": date(2126, 1, 1)},
        "serviceUntil",
    ),
    "refund of nothing": ({"refund_of": ""}, "refundOf"),
}


@pytest.mark.parametrize(("fields", "at_fault"), BAD.values(), ids=BAD)
def test_a_bad_field_is_refused_by_its_name(fields: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_revenue(payment(**fields), Bounds(UUID(int=1), NOW), lambda: UUID(int=7))
    assert refused.value.path == (at_fault,)


def test_currencies_have_the_decimals_of_iso_4217() -> None:
    assert [minor_units(code) for code in ("EUR", "INR", "JPY", "KWD", "CLF")] == [2, 2, 0, 3, 4]
    assert [is_currency(code) for code in ("NPR", "npr", "NPX", "")] == [True, False, False, False]


async def test_a_line_is_stored_as_it_was_sent(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace(currency="INR")
    sent = payment(
        "t1", line_id="2", tax_amount=Decimal("19.00"), equipment_id="m1", is_recurring=True,
        service_from=date(2026, 2, 1), service_until=date(2026, 2, 28), refund_of="t0",
    )  # fmt: skip
    outcome = await record(makerspace, [sent, payment("t1")])
    assert [result.id for result in outcome.results] == ["t1", "t1"]
    rows = await owner.fetch("SELECT * FROM revenue_analytics ORDER BY line_id")
    assert [(row["line_id"], row["currency"], row["tax_amount"]) for row in rows] == [("1", "INR", 0), ("2", "INR", 19)]
    row = rows[1]
    assert (row["amount"], row["revenue_source"], row["payment_method"]) == (119, "workshop", "card")
    assert (row["customer_id"], row["equipment_id"], row["is_recurring"]) == ("asha", "m1", True)
    assert (row["service_from"], row["service_until"], row["refund_of"]) == (date(2026, 2, 1), date(2026, 2, 28), "t0")
    assert await owner.fetchval("SELECT first_seen_on::text FROM members") == "2026-02-10"
    versions = '{"USAGE": 1, "REVENUE": 1, "EQUIPMENT": 1}'
    assert await owner.fetchval("SELECT section_versions FROM makerspaces") == versions
    assert await verify_rollups(database, makerspace) == []


async def test_a_lines_id_is_its_transaction_and_line(record, make_makerspace) -> None:
    makerspace = await make_makerspace()
    batch = [
        payment("t1"),
        payment("t1", line_id="2"),
        payment("t2"),
        payment("t1", line_id=None),
        payment("t1", line_id="1"),
    ]
    first = await record(makerspace, batch)
    assert statuses(first) == ["RECORDED"] * 3 + ["DUPLICATE"] * 2
    again = await record(makerspace, batch)
    assert (statuses(again), again.data_version) == (["DUPLICATE"] * 5, 1)
    other = await make_makerspace()
    assert statuses(await record(other, batch[:1])) == ["RECORDED"]


@pytest.mark.parametrize(
    "other",
    [
        {"transaction_date": date(2026, 2, 11)},
        {"revenue_source": "membership"},
        {"amount": Decimal("119.01")},
        {"tax_amount": Decimal(1)},
        {"currency": "USD"},
        {"payment_method": "cash"},
        {"customer_id": None},
        {"equipment_id": "m1"},
        {"is_recurring": True},
        {"service_from": date(2026, 2, 1), "service_until": date(2026, 2, 1)},
        {"refund_of": "t0"},
    ],
)
async def test_other_content_is_a_conflict(record, make_makerspace, other) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [payment("t1", currency="EUR")])
    assert statuses(await record(makerspace, [payment("t1"), payment("t1", **other)])) == [
        "DUPLICATE",
        "IDEMPOTENCY_CONFLICT",
    ]


async def test_amounts_are_whole_minor_units_of_their_currency(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace(currency="JPY")
    amounts = ["99999999999999", "-5", "10.00", "10.5", "10.125"]
    batch = [payment(f"t{n}", amount=Decimal(amount)) for n, amount in enumerate(amounts)]
    assert statuses(await record(makerspace, batch)) == ["RECORDED"] * 3 + ["INVALID"] * 2
    in_euro = [payment(f"e{n}", amount=Decimal(amount), currency="EUR") for n, amount in enumerate(amounts)]
    refused = await record(makerspace, [*in_euro, payment("e9", currency="EUR", tax_amount=Decimal("0.001"))])
    assert statuses(refused) == ["RECORDED"] * 4 + ["INVALID"] * 2
    assert [error.path[-1] for error in refused.user_errors] == ["amount", "taxAmount"]


async def test_a_line_without_a_currency_is_a_duplicate_after_the_makerspaces_currency_changed(
    record, make_makerspace, owner
) -> None:
    makerspace = await make_makerspace(currency="EUR")
    await record(makerspace, [payment("t1")])
    await owner.execute("UPDATE makerspaces SET currency = 'USD'")
    assert statuses(await record(makerspace, [payment("t1"), payment("t1", currency="EUR")])) == [
        "DUPLICATE",
        "DUPLICATE",
    ]
