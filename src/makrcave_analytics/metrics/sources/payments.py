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
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import Date

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment, members, revenue_analytics

_paid = revenue_analytics.c
_net: ColumnElement[Any] = _paid.amount - _paid.tax_amount
_is_refund_of: ColumnElement[bool] = and_(_paid.amount < literal_column("0"), _paid.refund_of.is_not(None))
_DIMENSIONS = {
    Dimension.REVENUE_SOURCE: _paid.revenue_source,
    Dimension.PAYMENT_METHOD: _paid.payment_method,
    Dimension.CUSTOMER: _paid.customer_id,
    Dimension.MEMBER_PLAN: members.c.plan,
    Dimension.EQUIPMENT: _paid.equipment_id,
    Dimension.EQUIPMENT_CATEGORY: equipment.c.category,
}
_original = revenue_analytics.alias("original").c
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
    on_date, over_days = _served(spans, needed).c, _served(spans, needed).c
    whole = _of_span(spans, needed, on_date, on_date.net).where(
        (on_date.service_from <= on_date.service_until).is_not(literal_column("true")),
        on_date.transaction_date >= spans.c.first_day,
        on_date.transaction_date < spans.c.date_until,
    )
    first, following = over_days.service_from, over_days.service_until + _ONE
    days = following - first
    until = func.least(spans.c.date_until, following) - first
    since = func.greatest(spans.c.first_day, first) - first
    earned = _earned(over_days.net, until, days, spans) - _earned(over_days.net, since, days, spans)
    spread = _of_span(spans, needed, over_days, earned).where(
        over_days.service_from <= over_days.service_until,
        first <= func.greatest(spans.c.first_day, spans.c.date_until - _ONE),
        over_days.service_until >= spans.c.first_day,
    )
    return union_all(whole, spread).subquery()


def _of_span(spans: SpanTable, needed: frozenset[Dimension], line: Any, recognized: ColumnElement[Any]) -> Select[Any]:
    return select(
        spans.c.span,
        recognized.label("recognized"),
        line.is_recurring,
        *(line[dimension.value] for dimension in sorted(needed)),
    )


def _recurring(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return the recurring lines as of the end of each span. Lines of the same days are summed before the join."""
    line = _served(spans, needed).c
    grouped = (line.service_from, line.service_until, *(line[dimension.value] for dimension in sorted(needed)))
    lines = (
        select(*grouped, func.sum(line.net).label("net"))
        .where(line.is_recurring, line.service_from <= line.service_until)
        .group_by(*grouped)
        .subquery()
    )
    as_of = _as_of(spans)
    return (
        select(
            spans.c.span,
            _monthly(lines.c.net, lines.c.service_from, lines.c.service_until + _ONE).label("monthly"),
            *(lines.c[dimension.value] for dimension in sorted(needed)),
        )
        .where(lines.c.service_from <= as_of, lines.c.service_until >= as_of)
        .subquery()
    )


def _served(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return all lines with net, days of service and recurrence. A refund takes both from the line that it pays back.

    That is the line of the refund's own line id in the transaction that it names, else the first line there. A refund
    of an unknown transaction keeps its own.
    """
    original = (
        select(_original.is_recurring, _original.service_from, _original.service_until)
        .where(
            _original.makerspace_id == _paid.makerspace_id,
            _original.makerspace_id == spans.makerspace_id,
            _original.transaction_id == _paid.refund_of,
            _original.amount > literal_column("0"),
            _original.voided_at.is_(None),
        )
        .order_by((_original.line_id == _paid.line_id).desc(), _original.line_id)
        .limit(_ONE)
        .correlate(revenue_analytics)
        .lateral()
    )
    net = (_paid.transaction_date, _net.label("net"))
    own = (_paid.is_recurring, _paid.service_from, _paid.service_until)
    taken = (
        or_(_paid.is_recurring, func.coalesce(original.c.is_recurring, literal_column("false"))).label("is_recurring"),
        func.coalesce(_paid.service_from, original.c.service_from).label("service_from"),
        func.coalesce(_paid.service_until, original.c.service_until).label("service_until"),
    )
    payments = _select_lines(spans, needed, *net, *own).where(not_(_is_refund_of))
    refunds = _select_lines(spans, needed, *net, *taken, original=original).where(_is_refund_of)
    return union_all(payments, refunds).subquery()


def _monthly(net: Any, first: Any, following: Any) -> ColumnElement[Any]:
    """Return 16 times what a net brings in a month: by months where the service is calendar months, else by days."""
    months = _months(following) - _months(first)
    is_whole = and_(func.date_part("day", first) == _ONE, func.date_part("day", following) == _ONE)
    by_days = net * literal_column(f"{DAYS_OF_16_MONTHS}.{_LONG}") / (following - first)
    return case((is_whole, net * literal_column(f"{MONTHS}.{_LONG}") / months), else_=by_days)


def _months(day: Any) -> ColumnElement[Any]:
    """Number the months of the calendar."""
    return cast(func.date_part("year", day) * literal_column("12") + func.date_part("month", day), Integer)


def _earned(net: Any, day: Any, days: Any, spans: SpanTable) -> ColumnElement[Any]:
    """Return the net that is earned by the end of day k of n: net · k ÷ n, rounded half-even to minor units.

    The division is exact: no quotient is rounded before it is compared with the tie. The last day takes the rest.
    """
    twice = _TWO * func.abs(net) / spans.minor_unit * day + days
    whole = func.div(twice, _TWO * days)
    is_odd_tie = and_(func.mod(twice, _TWO * days) == _ZERO, func.mod(whole, _TWO) == _ONE)
    rounded = func.sign(net) * (whole - case((is_odd_tie, _ONE), else_=_ZERO)) * spans.minor_unit
    return case((day >= days, net), else_=rounded)


def _as_of(spans: SpanTable) -> ColumnElement[Any]:
    """Return the last day of a span, or today while it runs; for an empty span the day on which it begins."""
    today = cast(func.timezone(spans.zone, spans.now), Date)
    return func.greatest(spans.c.first_day, func.least(spans.c.date_until - _ONE, today))


def _select_lines(
    spans: SpanTable, needed: frozenset[Dimension], *columns: Any, original: FromClause | None = None
) -> Select[Any]:
    """Select the lines of the currency, joined with what they pay back if given. The caller adds the span."""
    made: Select[Any] = select(
        *columns, *(_DIMENSIONS[dimension].label(dimension.value) for dimension in sorted(needed))
    ).where(
        _paid.makerspace_id == spans.makerspace_id,
        _paid.currency == spans.currency,
        _paid.voided_at.is_(None),
    )
    of: FromClause = revenue_analytics
    if original is not None:
        of = of.outerjoin(original, literal_column("true"))
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
