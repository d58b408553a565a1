"""MEMBERS: joining, leaving, retention and frequency of visits."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from makrcave_analytics.metrics.analyses import visit_frequency
from makrcave_analytics.metrics.catalog import equipment, usage
from makrcave_analytics.metrics.display.names import Entity, Member, rows_from, select_rows
from makrcave_analytics.metrics.vocabulary import Dimension, Unit
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Chart, Column, DocumentTable, Line, Mark, Value
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.content.templates.usage import note, retention
from makrcave_analytics.reports.vocabulary import ReportType

_METRICS = (
    usage.members,
    usage.new_members,
    usage.lost_members,
    usage.churn_rate,
    usage.active_members,
    usage.visits,
    usage.stickiness,
    usage.events_per_member,
)
_OF_MEMBER = (usage.visits, usage.events, usage.logins, usage.equipment_reservations, equipment.used_hours)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    await note(context)
    grain = parts.by_month(context.scope)
    moving = (usage.active_members, usage.new_members, usage.lost_members)
    whole, over_time, plans, visits, stays = await asyncio.gather(
        parts.totals(context, _METRICS),
        parts.over_time(context, "Active, new and lost members per", moving, grain),
        tables.breakdown(
            context, "By plan", (usage.members, usage.new_members, usage.lost_members), Dimension.MEMBER_PLAN
        ),
        _bands(context),
        retention(context),
    )
    return (
        document.Chapter("Members", parts.blocks(whole)),
        document.Chapter("Over time", parts.blocks(over_time)),
        document.Chapter("Plans", parts.blocks(plans)),
        document.Chapter("Retention", parts.blocks(stays)),
        document.Chapter("Visits", visits),
    )


async def listing(context: ReportContext) -> DocumentTable:
    """List all members with their numbers of the period."""
    found = rows_from(
        Entity.MEMBER, await context.reading.snapshot.fetch(select_rows(Entity.MEMBER, context.makerspace.id))
    )
    numbers = context.numbers(_OF_MEMBER, Dimension.MEMBER)
    values = await asyncio.gather(*(tables.values_by(context, number, Dimension.MEMBER) for number in numbers))
    rows = [_row(context, member, [each.get(member.id) or Decimal(0) for each in values]) for member in found]
    rows.sort(key=lambda row: (str(row[1]).casefold(), str(row[0])))
    columns = (
        Column("user_id", "Id", is_wide=True),
        Column("member_name", "Member", is_wide=True),
        Column("plan", "Plan"),
        Column("joined_on", "Joined"),
        Column("left_on", "Left"),
        *(parts.metric_column(number.metric) for number in numbers),
    )
    return DocumentTable("All members", columns, rows)


def _row(context: ReportContext, member: Member, values: Sequence[Value]) -> tuple[Value, ...]:
    shown, name = tables.seen_name(context, member)
    return (shown, name, member.plan, member.joined_on, member.left_on, *values)


async def _bands(context: ReportContext) -> tuple[document.Block, ...]:
    """Return how many members come how often, as chart and table."""
    period = context.scope.period
    rows = await context.reading.snapshot.fetch(visit_frequency.select_visitors(context.makerspace.id, period))
    found = visit_frequency.bands(rows, period)
    columns = (
        Column("band", "Visits in 30 days"),
        Column("members", "Members", Unit.COUNT),
        Column("share", "Share", Unit.PERCENT),
    )
    counts = tuple(Decimal(band.members) for band in found)
    shares = [(Decimal(repr(band.share)) * 100).quantize(Decimal("0.000001")).normalize() + 0 for band in found]
    table = DocumentTable(
        "How often members come", columns, [(b.label, n, s) for b, n, s in zip(found, counts, shares, strict=True)]
    )
    chart = Chart(
        title="Members by visits in 30 days",
        mark=Mark.COLUMN,
        place_label="Visits in 30 days",
        places=tuple(band.label for band in found),
        lines=(Line("Members", counts),),
        unit=Unit.COUNT,
    )
    return chart, table


DEFINITION = ReportDefinition(
    type=ReportType.MEMBERS,
    title="Members",
    template=template,
    listing=listing,
    lists_in_workbook=True,
)
