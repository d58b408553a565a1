"""Fields of the revenue section besides its metrics."""

from decimal import Decimal

import strawberry

from makrcave_analytics.resolvers.metrics import revenue, sections
from makrcave_analytics.schema.common.connections import named
from makrcave_analytics.schema.common.fields import attribute

meta = sections.money_meta


@strawberry.type(description="What was taken in one currency, in the period.")
class CurrencyTotal:
    """Amounts in one currency."""

    currency: str = attribute("ISO 4217.")
    gross: Decimal = attribute("All that was paid, tax included.")
    refunds: Decimal = attribute("What was paid back, as a positive amount.")
    tax: Decimal = attribute("The tax in both, negative on refunds.")
    net: Decimal = attribute("gross − refunds − tax.")
    transactions: int = attribute("Different transactions in which something was paid.")


FIELDS = (
    named(
        "otherCurrencies",
        list[CurrencyTotal],
        "Currencies are never added up: what was taken in others than meta.currency. Empty without READ_MONEY.",
        revenue.other_currencies,
    ),
)
