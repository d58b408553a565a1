"""USAGE: events, visits and active members, by time, type and member."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from makrcave_analytics.metrics.analyses.retention import Cohort, cohorts_of_activity, months_of, select_activity
from makrcave_analytics.metrics.catalog import usage
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.labels import key_label
from makrcave_analytics.metrics.notes.common import small_group_notes
from makrcave_analytics.metrics.notes.usage import select_usage_quality, usage_notes
from makrcave_analytics.metrics.results import peaks
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit
from makrcave_analytics.period.label import day_label
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Value
from makrcave_analytics.reports.content.fact_rows import EVENTS
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

COHORTS = 12


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    await note(context)
    whole, over_time, heatmap, busiest = await asyncio.gather(
        parts.totals(context, section_metrics(Section.USAGE)),
        parts.over_time(context, "Events and logins per", (usage.events, usage.logins), parts.by_day(context.scope)),
        parts.heatmap(context, "Events by weekday and hour", usage.events, "Mean events in the hour"),
        _busiest(context),
    )
    types, categories, members, retained = await asyncio.gather(
        tables.breakdown(context, "Events by type", (usage.events,), Dimension.EVENT_TYPE),
        tables.breakdown(context, "Events by category", (usage.events,), Dimension.EVENT_CATEGORY),
        tables.breakdown(
            context,
            "Most active members",
            (usage.events, usage.logins, usage.visits, usage.equipment_reservations),
            Dimension.MEMBER,
        ),
        retention(context),
    )
    return (
        document.Chapter("Usage", parts.blocks(whole)),
        document.Chapter("Over time", parts.blocks(over_time)),
        document.Chapter("Peak hours", parts.blocks(heatmap, busiest)),
        document.Chapter("Types", parts.blocks(types, tables.bars(types, "Events by type", 1), categories)),
        document.Chapter("Members", parts.blocks(members)),
        document.Chapter("Retention", parts.blocks(retained)),
    )


async def note(context: ReportContext) -> None:
    """Add the notes on people and events."""
    scope = context.scope
    (found,) = await context.reading.snapshot.fetch(select_usage_quality(scope.makerspace, scope.period))
    context.note(*usage_notes(found, scope.makerspace, scope.period))
    context.note(*small_group_notes(context.visibility))


async def retention(context: ReportContext) -> DocumentTable | None:
    """List the cohorts of the last months with the share that came in each month after."""
    if context.filters.alternatives:
        return None
    period = context.scope.period
    months = months_of(period, COHORTS)
    rows = await context.reading.snapshot.fetch(select_activity(context.makerspace.id, months))
    cohorts = [cohort.seen_by(context.visibility) for cohort in cohorts_of_activity(rows, months, period)]
    later = [Column(f"month_{n}", f"+{n}", Unit.PERCENT) for n in range(len(months))]
    columns = (Column("cohort", "First seen in"), Column("size", "Members", Unit.COUNT), *later)
    note = "Of those first seen in a month: the share that came in it, and in each month after. What runs is left open."
    return DocumentTable("Retention", columns, [_cohort(cohort, len(months)) for cohort in cohorts], note)


def _cohort(cohort: Cohort, months: int) -> tuple[Value, ...]:
    shares = [None if share is None else (share * 100).normalize() + 0 for share in cohort.active]
    return (parts.month(cohort.cohort), Decimal(cohort.size), *shares, *(None for _ in range(months - len(shares))))


async def _busiest(context: ReportContext) -> DocumentTable | None:
    number = context.number(usage.events, Dimension.HOUR_OF_DAY)
    if number is None:
        return None
    hour, day = await asyncio.gather(peaks.peak_hour(number), peaks.most_active_day(number))
    rows: list[tuple[Value, ...]] = [
        ("Busiest hour of the day", None if hour is None else key_label(Dimension.HOUR_OF_DAY, str(hour))),
        ("Busiest day", None if day is None else day_label(day)),
    ]
    return DocumentTable("Busiest times", (Column("what", "What", is_wide=True), Column("when", "When")), rows)


DEFINITION = ReportDefinition(
    type=ReportType.USAGE,
    title="Usage",
    template=template,
    facts=EVENTS,
)
