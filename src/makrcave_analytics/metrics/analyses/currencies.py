"""The currencies in which a makerspace was paid, and the totals of each. SQL only."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Numeric, Select, Uuid, cast, func, literal, select

from makrcave_analytics.models import revenue_analytics
from makrcave_analytics.period import Span

_paid = revenue_analytics.c


def select_currencies(makerspace_id: UUID) -> Select[Any]:
    """Select every `currency` that was ever used, in alphabetical order."""
    return (
        select(_paid.currency)
        .where(_paid.makerspace_id == makerspace_id, _paid.voided_at.is_(None))
        .distinct()
        .order_by(_paid.currency)
    )


def select_totals(makerspace_id: UUID, span: Span, besides: str) -> Select[Any]:
    """Select gross, refunds, tax, net and transactions of a span: one row per currency, except `besides`."""
    return (
        select(_paid.currency, *_totals())
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


def select_totals_across(spans: Mapping[UUID, Span]) -> Select[Any]:
    """Select these totals for several makerspaces, each over its own span: one row per makerspace and currency."""
    columns = {
        "makerspace_id": literal(list(spans), ARRAY(Uuid)),
        "since": literal([span.first_day for span in spans.values()], ARRAY(Date)),
        "until": literal([span.date_until for span in spans.values()], ARRAY(Date)),
    }
    asked = func.unnest(*columns.values()).table_valued(*columns).render_derived()
    return (
        select(_paid.currency, *_totals())
        .join_from(revenue_analytics, asked, _paid.makerspace_id == asked.c.makerspace_id)
        .where(
            _paid.voided_at.is_(None),
            _paid.transaction_date >= asked.c.since,
            _paid.transaction_date < asked.c.until,
        )
        .group_by(_paid.makerspace_id, _paid.currency)
        .order_by(_paid.currency, _paid.makerspace_id)
    )


def _totals() -> tuple[Any, ...]:
    return (
        _sum(_paid.amount, _paid.amount > 0).label("gross"),
        (-_sum(_paid.amount, _paid.amount < 0)).label("refunds"),
        _sum(_paid.tax_amount).label("tax"),
        _sum(_paid.amount - _paid.tax_amount).label("net"),
        func.count(_paid.transaction_id.distinct()).filter(_paid.amount > 0).label("transactions"),
    )


def _sum(amount: Any, condition: Any = None) -> Any:
    total = func.sum(amount)
    return func.coalesce(total if condition is None else total.filter(condition), cast(literal(0), Numeric))
