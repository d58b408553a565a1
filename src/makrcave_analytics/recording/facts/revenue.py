"""The kind of revenue: payments, line by line. A line's id is (transaction, line); a negative amount is a refund."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.currency import is_currency, minor_units
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import Bounds, day, identifier, money, past_day, short_text
from makrcave_analytics.recording.fact_inputs import RevenueInput, VoidInput
from makrcave_analytics.recording.facts.kind import FactColumn, Kind
from makrcave_analytics.recording.locking import Locked

ONLY_LINE = "1"
"""The line of a transaction without line ids."""
LONGEST_SERVICE = timedelta(days=10 * 366)


class CheckedRevenue(NamedTuple):
    """A line as it is stored. A currency of None becomes the makerspace's under the lock."""

    transaction_id: str
    line_id: str
    transaction_date: date
    revenue_source: str
    amount: Decimal
    tax_amount: Decimal
    currency: str | None
    payment_method: str
    customer_id: str | None
    equipment_id: str | None
    is_recurring: bool
    service_from: date | None
    service_until: date | None
    refund_of: str | None
    has_currency: bool
    """Whether the sender gave the currency; only then it is compared."""


def check_revenue(raw: RevenueInput, bounds: Bounds, _: Callable[[], UUID]) -> CheckedRevenue:
    """Check one line.

    Raises: Invalid, with the field's API name.
    """
    if raw.currency is not None and not is_currency(raw.currency):
        raise Invalid("There is no such currency.", path=("currency",))
    amount = money(raw.amount, "amount")
    since, until = _service(raw)
    return CheckedRevenue(
        short_text(raw.transaction_id, "transactionId", most=100),
        ONLY_LINE if raw.line_id is None else short_text(raw.line_id, "lineId", most=100),
        past_day(raw.transaction_date, bounds, "transactionDate"),
        short_text(raw.revenue_source, "revenueSource"),
        amount,
        _tax(raw, amount),
        raw.currency,
        short_text(raw.payment_method, "paymentMethod"),
        identifier(raw.customer_id, "customerId"),
        identifier(raw.equipment_id, "equipmentId"),
        bool(raw.is_recurring),
        since,
        until,
        identifier(raw.refund_of, "refundOf"),
        raw.currency is not None,
    )


def _tax(raw: RevenueInput, amount: Decimal) -> Decimal:
    """Check the tax: part of the amount, so of the same sign and no larger."""
    tax = Decimal(0) if raw.tax_amount is None else money(raw.tax_amount, "taxAmount")
    if tax * amount < 0 or abs(tax) > abs(amount):
        raise Invalid("The tax is part of the amount: it has the same sign and is no larger.", path=("taxAmount",))
    return tax


def _service(raw: RevenueInput) -> tuple[date | None, date | None]:
    if raw.service_from is None and raw.service_until is None:
        return None, None
    if raw.service_from is None or raw.service_until is None:
        missing = "serviceFrom" if raw.service_from is None else "serviceUntil"
        raise Invalid("serviceFrom and serviceUntil are given together.", path=(missing,))
    since, until = day(raw.service_from, "serviceFrom"), day(raw.service_until, "serviceUntil")
    if not timedelta() <= until - since < LONGEST_SERVICE:
        raise Invalid("The service ends on the day it begins or within 10 years after it.", path=("serviceUntil",))
    return since, until


def _with_currency(line: CheckedRevenue, locked: Locked) -> CheckedRevenue:
    currency = line.currency or locked.currency
    money(line.amount, "amount", minor_units(currency))
    money(line.tax_amount, "taxAmount", minor_units(currency))
    return line._replace(currency=currency)


def _key_of_void(raw: VoidInput, _: Bounds) -> tuple[str, str]:
    line = ONLY_LINE if raw.line_id is None else raw.line_id
    return short_text(raw.id, "id", most=100), short_text(line, "lineId", most=100)


def _touches(line: CheckedRevenue) -> frozenset[Section]:
    named = {Section.USAGE: line.customer_id, Section.EQUIPMENT: line.equipment_id}
    return frozenset({Section.REVENUE, *(section for section, of in named.items() if of is not None)})


REVENUE = Kind(
    FactKind.REVENUE,
    RecordKind.REVENUE,
    RevenueInput,
    columns=(
        FactColumn("transaction_id"),
        FactColumn("line_id"),
        FactColumn("transaction_date", "date"),
        FactColumn("revenue_source"),
        FactColumn("amount", "numeric"),
        FactColumn("tax_amount", "numeric"),
        FactColumn("currency", compared_if="u.has_currency"),
        FactColumn("payment_method"),
        FactColumn("customer_id"),
        FactColumn("equipment_id"),
        FactColumn("is_recurring", "bool"),
        FactColumn("service_from", "date"),
        FactColumn("service_until", "date"),
        FactColumn("refund_of"),
    ),
    flags=("has_currency",),
    check=check_revenue,
    settle=_with_currency,
    key_of_void=_key_of_void,
    sections=frozenset({Section.REVENUE, Section.USAGE, Section.EQUIPMENT}),
    touches=_touches,
)
