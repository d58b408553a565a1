"""Resolvers of the revenue section: its currency, and totals in other currencies."""

from dataclasses import dataclass, replace
from decimal import Decimal

import strawberry

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.analyses.currencies import select_currencies, select_totals
from makrcave_analytics.metrics.display.format import with_minor_units
from makrcave_analytics.period import Comparison, PeriodInput
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.metrics.scope import Question, ask


@dataclass(frozen=True)
class CurrencyTotal:
    """Amounts in one currency."""

    currency: str
    gross: Decimal
    refunds: Decimal
    tax: Decimal
    net: Decimal
    transactions: int


async def section(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    period: PeriodInput | None = None,
    compare_to: Comparison | None = None,
    currency: str | None = None,
) -> Question:
    """Return the question that the section's fields answer.

    Raises: Invalid for a currency without payments, naming those that have some.
    """
    question = await ask(info, makerspace_id, period, compare_to)
    makerspace = question.scope.makerspace
    if currency is None or currency == makerspace.currency:
        return question
    rows = await question.reading.fetch(select_currencies(makerspace.id))
    used = sorted({makerspace.currency, *(row["currency"] for row in rows)})
    if currency not in used:
        raise Invalid(f"No money was taken in this currency. Accepted: {', '.join(used)}.", path=("currency",))
    return replace(question, scope=replace(question.scope, asked_currency=currency))


async def other_currencies(root: Question) -> list[CurrencyTotal]:
    """Return what was taken in other currencies than the answer's; none without READ_MONEY."""
    if not root.visibility.money:
        return []
    scope = root.scope
    rows = await root.reading.fetch(select_totals(scope.makerspace.id, scope.period.span(), scope.currency))
    return [currency_total(**row) for row in rows]


def currency_total(currency: str, transactions: int, **amounts: Decimal) -> CurrencyTotal:
    """Return the amounts with the decimals of their currency."""
    written = {name: with_minor_units(amount, currency) for name, amount in amounts.items()}
    return CurrencyTotal(currency=currency, transactions=transactions, **written)
