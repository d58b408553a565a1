"""EXECUTIVE: two pages for a board. Current counts, then headline numbers and one chart of each section."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from makrcave_analytics.metrics.analyses.current_counts import select_current_counts
from makrcave_analytics.metrics.catalog import equipment, inventory, projects, revenue, usage
from makrcave_analytics.metrics.display.format import exact_value
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import MeasureQuery, Scope, Spans
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.period import Comparison, PeriodPreset, Span, compare, resolve
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Figure, Mark, Totals, Value
from makrcave_analytics.reports.content.templates import parts
from makrcave_analytics.reports.vocabulary import ReportType


@dataclass(frozen=True)
class _Headline:
    """The headline numbers and the chart of a section."""

    title: str
    metrics: tuple[Metric, ...]
    chart_title: str
    drawn: tuple[Metric, ...]
    mark: Mark = Mark.LINE


HEADLINES = (
    _Headline(
        "Usage",
        (usage.active_members, usage.visits, usage.events, usage.stickiness),
        "Active members per",
        (usage.active_members,),
    ),
    _Headline(
        "Members",
        (usage.members, usage.new_members, usage.lost_members, usage.churn_rate),
        "New and lost members per",
        (usage.new_members, usage.lost_members),
        Mark.COLUMN,
    ),
    _Headline(
        "Equipment",
        (equipment.used_hours, equipment.utilization, equipment.uptime, equipment.machines_overdue),
        "Used hours per",
        (equipment.used_hours,),
        Mark.COLUMN,
    ),
    _Headline(
        "Inventory",
        (inventory.cost_consumed, inventory.waste_percentage, inventory.low_stock_items, inventory.stock_value),
        "Cost of consumption per",
        (inventory.cost_consumed,),
        Mark.COLUMN,
    ),
    _Headline(
        "Projects",
        (
            projects.projects_started,
            projects.completed_projects,
            projects.completion_rate,
            projects.cycle_days,
        ),
        "Projects completed per",
        (projects.completed_projects,),
        Mark.COLUMN,
    ),
    _Headline(
        "Revenue",
        (
            revenue.net_revenue,
            revenue.recognized_revenue,
            revenue.monthly_recurring_revenue,
            revenue.transactions,
        ),
        "Net revenue per",
        (revenue.net_revenue,),
        Mark.COLUMN,
    ),
)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    context.money_note()
    overview = document.Chapter("How things stand", (await _overview(context),))
    return (overview, *await asyncio.gather(*(_section(context, headline) for headline in HEADLINES)))


async def listing(context: ReportContext) -> DocumentTable:
    """List the numbers of the report, one per row."""
    rows: list[tuple[Value, ...]] = []
    for section in await template(context):
        for block in section.blocks:
            if isinstance(block, Totals):
                rows += [_row(context, section.title, figure) for figure in block.figures]
    return DocumentTable("Numbers", _COLUMNS, rows)


async def _section(context: ReportContext, headline: _Headline) -> document.Chapter:
    grain = parts.by_month(context.scope)
    whole, chart = await asyncio.gather(
        parts.totals(context, headline.metrics),
        parts.over_time(context, headline.chart_title, headline.drawn, grain, headline.mark),
    )
    return document.Chapter(headline.title, parts.blocks(whole, chart))


async def _overview(context: ReportContext) -> Totals:
    """Return the numbers of the first screen, as of when the report was requested."""
    makerspace, now = context.makerspace, context.scope.period.now
    today, week, month = (
        Scope(makerspace, resolve(preset, makerspace.calendar, now))
        for preset in (PeriodPreset.TODAY, PeriodPreset.THIS_WEEK, PeriodPreset.THIS_MONTH)
    )
    (standing,) = await context.reading.snapshot.fetch(select_current_counts(makerspace, now))
    figures = [
        await _figure(context, usage.members, today, "totalMembers", "Members"),
        await _figure(context, usage.active_members, today, "activeMembersToday", "Active today"),
        await _figure(context, usage.active_members, week, "activeMembersThisWeek", "Active this week"),
        _count("totalProjects", "Projects", standing["projects"]),
        _count("activeProjects", "Active projects", await _running(context)),
        await _figure(context, equipment.machine_count, today, "totalEquipment", "Machines"),
        _count("equipmentInUse", "Machines in use", standing["in_use"]),
        await _figure(context, equipment.machines_overdue, today, "machinesOverdue", "Machines overdue"),
        _count("totalInventoryItems", "Items", standing["items"]),
        await _figure(context, inventory.low_stock_items, today, "lowStockItems", "Items low"),
    ]
    if context.visibility.money:
        first_day = standing["first_day"]
        ever = Scope(makerspace, resolve(PeriodPreset.ALL_TIME, makerspace.calendar, now, first_day))
        month = replace(month, compared=compare(month.period, Comparison.PREVIOUS_PERIOD))
        net = revenue.net_revenue
        figures.append(await _figure(context, net, ever, "totalRevenue", "Net revenue ever"))
        figures.append(await _figure(context, net, month, "revenueThisMonth", "Net this month"))
    return Totals(tuple(figures), is_compared=False)


async def _figure(context: ReportContext, metric: Metric, scope: Scope, key: str, label: str) -> Figure:
    context.used[metric] = None
    figure = await parts.figure(context.visibility.number(metric, scope, context.reading.answers.load))
    return replace(figure, key=key, label=label)


def _count(key: str, label: str, count: int | Decimal) -> Figure:
    return Figure(key, label, Unit.COUNT, Decimal(count))


async def _running(context: ReportContext) -> Decimal:
    """Count the projects that run at this instant. Those that ended earlier today are not counted."""
    now, metric = context.scope.period.now, projects.active_projects
    context.used[metric] = None
    instant = Spans([Span(now, now, context.makerspace.calendar.zone)])
    answer = await context.reading.answers.load(MeasureQuery(metric, instant, now=now))
    return metric.combine((answer.at(0),)) or Decimal(0)


def _row(context: ReportContext, section: str, figure: Figure) -> tuple[Value, ...]:
    currency = context.scope.currency if figure.unit is Unit.MONEY else None
    values = (exact_value(value, figure.unit, context.scope.currency) for value in (figure.value, figure.previous))
    return (section, figure.key, figure.label, figure.unit.value, currency, *values, figure.change_percent)


_COLUMNS = (
    Column("section", "Section"),
    Column("metric", "Metric"),
    Column("label", "Label", is_wide=True),
    Column("unit", "Unit"),
    Column("currency", "Currency"),
    Column("value", "Value"),
    Column("previous", "Previous"),
    Column("change_percent", "Change", Unit.PERCENT),
)


DEFINITION = ReportDefinition(
    type=ReportType.EXECUTIVE,
    title="Executive summary",
    template=template,
    listing=listing,
    is_short=True,
)
