"""The sources of revenue in one currency: payments on their date, revenue recognized over days, recurring revenue."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.types import Date

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment, members, revenue_analytics

_paid = revenue_analytics.c
_net: ColumnElement[Any] = _paid.amount - _paid.tax_amount
_has_service: ColumnElement[bool] = _paid.service_from <= _paid.service_until
_DIMENSIONS = {
    Dimension.REVENUE_SOURCE: _paid.revenue_source,
    Dimension.PAYMENT_METHOD: _paid.payment_method,
    Dimension.CUSTOMER: _paid.customer_id,
    Dimension.MEMBER_PLAN: members.c.plan,
    Dimension.EQUIPMENT: _paid.equipment_id,
    Dimension.EQUIPMENT_CATEGORY: equipment.c.category,
}
_EDGES = ("first_day", "date_until")
_ZERO, _ONE, _TWO = (literal_column(str(number), Integer) for number in range(3))

DAYS_OF_16_MONTHS = 487
"""365.25 ÷ 12 × 16, a whole number. So only the sum of all lines is divided by 16."""
MONTHS = 16
_LONG = "000000000000000000000000"
"""Zeros after the decimal point: the database divides to as many places."""


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return every line on its date."""
    return (
        _select_lines(
            spans,
            needed,
            spans.c.span,
            _paid.amount.label("amount"),
            _paid.tax_amount.label("tax"),
            _paid.transaction_id.label("transaction"),
            _paid.customer_id.label("customer"),
            _paid.revenue_source.label("source"),
            _paid.equipment_id.label("machine"),
        )
        .where(_paid.transaction_date >= spans.c.first_day, _paid.transaction_date < spans.c.date_until)
        .subquery()
    )


def _services(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return lines with the part of their net in a span: by days of service, else whole on their date."""
    on_date = _select_lines(
        spans,
        needed,
        spans.c.span,
        _net.label("recognized"),
        _paid.is_recurring.label("is_recurring"),
    ).where(
        _has_service.is_not(literal_column("true")),
        _paid.transaction_date >= spans.c.first_day,
        _paid.transaction_date < spans.c.date_until,
    )
    first, following = _paid.service_from, _paid.service_until + _ONE
    days = following - first
    until = func.least(spans.c.date_until, following) - first
    since = func.greatest(spans.c.first_day, first) - first
    over_days = _select_lines(
        spans,
        needed,
        spans.c.span,
        (_earned(until, days, spans) - _earned(since, days, spans)).label("recognized"),
        _paid.is_recurring.label("is_recurring"),
    ).where(
        _has_service,
        first <= func.greatest(spans.c.first_day, spans.c.date_until - _ONE),
        _paid.service_until >= spans.c.first_day,
    )
    return union_all(on_date, over_days).subquery()


def _recurring(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return the recurring lines as of the end of each span. Lines of the same days are summed before the join."""
    days = (_paid.service_from, _paid.service_until)
    lines = (
        _select_lines(spans, needed, *days, func.sum(_net).label("net"))
        .where(_paid.is_recurring, _has_service)
        .group_by(*days, *(_DIMENSIONS[dimension] for dimension in needed))
        .subquery()
    )
    as_of = _as_of(spans)
    monthly = lines.c.net * literal_column(f"{DAYS_OF_16_MONTHS}.{_LONG}")
    return (
        select(
            spans.c.span,
            (monthly / (lines.c.service_until + _ONE - lines.c.service_from)).label("monthly"),
            *(lines.c[dimension.value] for dimension in sorted(needed)),
        )
        .where(lines.c.service_from <= as_of, lines.c.service_until >= as_of)
        .subquery()
    )


def _earned(day: Any, days: Any, spans: SpanTable) -> ColumnElement[Any]:
    """Return the net that is earned by the end of day k of n: net · k ÷ n, rounded half-even to minor units.

    The division is exact: no quotient is rounded before it is compared with the tie. The last day takes the rest.
    """
    twice = _TWO * func.abs(_net) / spans.minor_unit * day + days
    whole = func.div(twice, _TWO * days)
    is_odd_tie = and_(func.mod(twice, _TWO * days) == _ZERO, func.mod(whole, _TWO) == _ONE)
    rounded = func.sign(_net) * (whole - case((is_odd_tie, _ONE), else_=_ZERO)) * spans.minor_unit
    return case((day >= days, _net), else_=rounded)


def _as_of(spans: SpanTable) -> ColumnElement[Any]:
    """Return the last day of a span, or today while it runs; for an empty span the day on which it begins."""
    today = cast(func.timezone(spans.zone, spans.now), Date)
    return func.greatest(spans.c.first_day, func.least(spans.c.date_until - _ONE, today))


def _select_lines(spans: SpanTable, needed: frozenset[Dimension], *columns: Any) -> Select[Any]:
    """Select the lines of the currency. The caller adds which of them belong to a span."""
    made: Select[Any] = select(
        *columns, *(_DIMENSIONS[dimension].label(dimension.value) for dimension in sorted(needed))
    ).where(
        _paid.makerspace_id == spans.makerspace_id,
        _paid.currency == spans.currency,
        _paid.voided_at.is_(None),
    )
    of: FromClause = revenue_analytics
    if Dimension.MEMBER_PLAN in needed:
        customer = and_(members.c.makerspace_id == _paid.makerspace_id, members.c.user_id == _paid.customer_id)
        of = of.outerjoin(members, and_(customer, members.c.makerspace_id == spans.makerspace_id))
    if Dimension.EQUIPMENT_CATEGORY in needed:
        machine = and_(equipment.c.makerspace_id == _paid.makerspace_id, equipment.c.equipment_id == _paid.equipment_id)
        of = of.outerjoin(equipment, and_(machine, equipment.c.makerspace_id == spans.makerspace_id))
    return made.select_from(of)


PAYMENTS = Source(
    name="payments",
    subject="revenue",
    relations=(Relation(name="revenue_analytics", dimensions=frozenset(_DIMENSIONS), edges=_EDGES, rows=_rows),),
    has_currencies=True,
)
SERVICES = Source(
    name="services",
    subject="revenue",
    relations=(
        Relation(
            name="revenue_analytics",
            dimensions=frozenset({Dimension.REVENUE_SOURCE}),
            edges=_EDGES,
            rows=_services,
        ),
    ),
    has_currencies=True,
)
RECURRING = Source(
    name="recurring",
    subject="revenue",
    relations=(
        Relation(
            name="revenue_analytics",
            dimensions=frozenset({Dimension.REVENUE_SOURCE, Dimension.MEMBER_PLAN}),
            edges=_EDGES,
            rows=_recurring,
        ),
    ),
    has_currencies=True,
)
