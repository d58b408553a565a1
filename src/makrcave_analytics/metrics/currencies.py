"""The currencies that a makerspace took money in, and what it took in each."""

from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, Select, cast, func, literal, select

from makrcave_analytics.models import revenue_analytics
from makrcave_analytics.period import Span

_paid = revenue_analytics.c


def select_currencies(makerspace_id: UUID) -> Select[Any]:
    """Select every `currency` that was ever used."""
    return (
        select(_paid.currency)
        .where(_paid.makerspace_id == makerspace_id, _paid.voided_at.is_(None))
        .distinct()
        .order_by(_paid.currency)
    )


def select_totals(makerspace_id: UUID, span: Span, besides: str) -> Select[Any]:
    """Select gross, refunds, tax, net and transactions of a span, a row each currency but one."""
    gross, refunds = _sum(_paid.amount, _paid.amount > 0), -_sum(_paid.amount, _paid.amount < 0)
    return (
        select(
            _paid.currency,
            gross.label("gross"),
            refunds.label("refunds"),
            _sum(_paid.tax_amount).label("tax"),
            _sum(_paid.amount - _paid.tax_amount).label("net"),
            func.count(_paid.transaction_id.distinct()).filter(_paid.amount > 0).label("transactions"),
        )
        .where(
            _paid.makerspace_id == makerspace_id,
            _paid.voided_at.is_(None),
            _paid.currency != besides,
            _paid.transaction_date >= span.first_day,
            _paid.transaction_date < span.date_until,
        )
        .group_by(_paid.currency)
        .order_by(_paid.currency)
    )


def _sum(amount: Any, condition: Any = None) -> Any:
    total = func.sum(amount)
    return func.coalesce(total if condition is None else total.filter(condition), cast(literal(0), Numeric))
