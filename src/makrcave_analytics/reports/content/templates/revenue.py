"""REVENUE: payments, refunds and recognized revenue in one currency."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from makrcave_analytics.metrics.analyses.currencies import select_totals
from makrcave_analytics.metrics.catalog import equipment, revenue
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.format import with_minor_units
from makrcave_analytics.metrics.privacy.visibility import Sensitive
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Mark
from makrcave_analytics.reports.content.fact_rows import PAYMENTS
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

_PAID = (revenue.gross_revenue, revenue.refunds, revenue.tax, revenue.net_revenue)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    grain = parts.by_month(context.scope)
    whole, over_time, others = await asyncio.gather(
        parts.totals(context, section_metrics(Section.REVENUE)),
        parts.over_time(
            context,
            "Net and recognized revenue per",
            (revenue.net_revenue, revenue.recognized_revenue),
            grain,
            Mark.COLUMN,
        ),
        _others(context),
    )
    sources, methods, machines, customers = await asyncio.gather(
        tables.breakdown(context, "By source", (revenue.net_revenue, *_PAID[:3]), Dimension.REVENUE_SOURCE),
        tables.breakdown(context, "By payment method", (revenue.net_revenue, *_PAID[:3]), Dimension.PAYMENT_METHOD),
        tables.breakdown(
            context, "By machine", (equipment.revenue, equipment.revenue_per_used_hour), Dimension.EQUIPMENT
        ),
        tables.breakdown(context, "Top customers", (revenue.net_revenue, revenue.gross_revenue), Dimension.CUSTOMER),
    )
    return (
        document.Chapter("Revenue", parts.blocks(whole, others)),
        document.Chapter("Over time", parts.blocks(over_time)),
        document.Chapter(
            "Where it comes from", parts.blocks(sources, tables.bars(sources, "Net revenue by source", 1))
        ),
        document.Chapter("Payment methods", parts.blocks(methods, tables.bars(methods, "Net revenue by method", 1))),
        document.Chapter("Machines", parts.blocks(machines)),
        document.Chapter("Customers", parts.blocks(customers)),
    )


async def _others(context: ReportContext) -> DocumentTable | None:
    """List payments in other currencies. Amounts are texts, because a column has one currency."""
    scope = context.scope
    if context.filters.alternatives:
        return None
    rows = await context.reading.snapshot.fetch(select_totals(scope.makerspace.id, scope.period.span(), scope.currency))
    amounts = ("gross", "refunds", "tax", "net")
    columns = (
        Column("currency", "Currency"),
        *(Column(amount, amount.capitalize()) for amount in amounts),
        Column("transactions", "Transactions", Unit.COUNT),
    )
    listed = [
        (
            row["currency"],
            *(with_minor_units(row[amount], row["currency"]) for amount in amounts),
            Decimal(row["transactions"]),
        )
        for row in rows
    ]
    return DocumentTable("Taken in other currencies", columns, listed) if listed else None


DEFINITION = ReportDefinition(
    type=ReportType.REVENUE,
    title="Revenue",
    template=template,
    facts=PAYMENTS,
    needs=(Sensitive.MONEY.permission,),
)
