"""Templates: what a report of each type holds, put together from the catalogue. Knows no format.

A module a type, and `parts` and `tables`, of which they are made.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from makrcave_analytics.metrics.notes.common import RUNNING, SAMPLE, scope_notes
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.period import Period, local
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Document, Section, Table
from makrcave_analytics.reports.content.templates import (
    custom,
    equipment,
    executive,
    inventory,
    lists,
    members,
    person,
    projects,
    revenue,
    usage,
)
from makrcave_analytics.reports.vocabulary import AS_OF_NOW, ReportType

Template = Callable[[ReportContext], Awaitable[Sequence[Section]]]

TEMPLATES: Mapping[ReportType, Template] = {
    ReportType.USAGE: usage.template,
    ReportType.INVENTORY: inventory.template,
    ReportType.EQUIPMENT: equipment.template,
    ReportType.PROJECTS: projects.template,
    ReportType.REVENUE: revenue.template,
    ReportType.MEMBERS: members.template,
    ReportType.EXECUTIVE: executive.template,
    ReportType.EQUIPMENT_LIST: lists.machines,
    ReportType.INVENTORY_LIST: lists.items,
    ReportType.CUSTOM: custom.template,
    ReportType.MEMBER_DATA: person.template,
}
LISTINGS: Mapping[ReportType, Callable[[ReportContext], Awaitable[Table]]] = {
    ReportType.PROJECTS: projects.listing,
    ReportType.MEMBERS: members.listing,
    ReportType.EXECUTIVE: executive.listing,
    ReportType.EQUIPMENT_LIST: lists.machine_list,
    ReportType.INVENTORY_LIST: lists.item_list,
    ReportType.CUSTOM: custom.listing,
    ReportType.MEMBER_DATA: person.listing,
}
"""The one table of types that hold no facts of the period: what CSV is."""
TITLES: Mapping[ReportType, str] = {
    ReportType.USAGE: "Usage",
    ReportType.INVENTORY: "Inventory",
    ReportType.EQUIPMENT: "Equipment",
    ReportType.PROJECTS: "Projects",
    ReportType.REVENUE: "Revenue",
    ReportType.MEMBERS: "Members",
    ReportType.EXECUTIVE: "Executive summary",
    ReportType.EQUIPMENT_LIST: "Equipment list",
    ReportType.INVENTORY_LIST: "Inventory list",
    ReportType.CUSTOM: "Custom report",
    ReportType.MEMBER_DATA: "All that is kept of a person",
}


async def compose(context: ReportContext) -> Document:
    """Ask for all that a report holds, and put it together."""
    report, scope, makerspace = context.report, context.scope, context.makerspace
    context.stage("Reading numbers", 0.1)
    sections = [section for section in await TEMPLATES[report.type](context) if section.blocks]
    if context.left_out:
        filters = ", ".join(report.filters or {})
        context.note(f"Left out, as they cannot be narrowed by {filters}: {', '.join(context.left_out)}.")
    is_as_of = report.type in AS_OF_NOW
    notes = dict.fromkeys(
        [*(note for note in scope_notes(scope) if not (is_as_of and note == RUNNING)), *context.notes]
    )
    return Document(
        title=TITLES[report.type],
        brand=context.brand,
        period=f"As of {_as_of(context)}" if is_as_of else scope.period.label,
        compared_with=scope.compared.label if scope.compared and not is_as_of else None,
        currency=scope.currency,
        locale=makerspace.locale,
        made_at=local(report.requested_at, makerspace.calendar.zone),
        sections=tuple(sections),
        notes=tuple(notes),
        sources=tuple(_sources(context)),
        definitions=tuple(context.used),
        is_short=report.type is ReportType.EXECUTIVE,
        is_sample=SAMPLE in notes,
    )


def _sources(context: ReportContext) -> Sequence[tuple[str, str]]:
    report, makerspace = context.report, context.makerspace
    filters = "; ".join(f"{name}: {', '.join(values)}" for name, values in (report.filters or {}).items())
    return (
        ("Makerspace", makerspace.name),
        *(() if report.type in AS_OF_NOW else _periods(context.scope)),
        ("Filters", filters or "none"),
        ("Time zone", makerspace.time_zone),
        ("Currency", context.scope.currency),
        ("Data version", str(makerspace.data_version)),
        ("As of", _as_of(context)),
    )


def _as_of(context: ReportContext) -> str:
    return local(context.report.requested_at, context.makerspace.calendar.zone).isoformat(" ", "seconds")


def _periods(scope: Scope) -> tuple[tuple[str, str], ...]:
    compared = f"{scope.compared.label} ({_edges(scope.compared)})" if scope.compared else "nothing"
    return ("Period", f"{scope.period.label} ({_edges(scope.period)})"), ("Compared with", compared)


def _edges(period: Period) -> str:
    return f"{period.since.isoformat(' ', 'minutes')} until {period.until.isoformat(' ', 'minutes')}"
