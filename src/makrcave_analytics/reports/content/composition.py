"""Composition: the document of a report, from the sections that its template makes. Knows no format."""

from collections.abc import Sequence

from makrcave_analytics.metrics.notes.common import RUNNING, SAMPLE, scope_notes
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.period import Period, local
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Document
from makrcave_analytics.reports.content.registry import definition_of


async def compose(context: ReportContext) -> Document:
    """Read all that a report holds, and put the document together."""
    report, scope, makerspace = context.report, context.scope, context.makerspace
    definition = definition_of(report.type)
    context.stage("Reading numbers", 0.1)
    sections = [section for section in await definition.template(context) if section.blocks]
    if context.left_out:
        filters = ", ".join(report.filters or {})
        context.note(f"Left out, as they cannot be narrowed by {filters}: {', '.join(context.left_out)}.")
    notes = dict.fromkeys(
        [*(note for note in scope_notes(scope) if not (definition.is_as_of_now and note == RUNNING)), *context.notes]
    )
    return Document(
        title=definition.title,
        brand=context.brand,
        period=f"As of {_as_of(context)}" if definition.is_as_of_now else scope.period.label,
        compared_with=scope.compared.label if scope.compared and not definition.is_as_of_now else None,
        currency=scope.currency,
        locale=makerspace.locale,
        made_at=local(report.requested_at, makerspace.calendar.zone),
        sections=tuple(sections),
        notes=tuple(notes),
        sources=tuple(_sources(context)),
        definitions=tuple(context.used),
        is_short=definition.is_short,
        is_sample=SAMPLE in notes,
    )


def _sources(context: ReportContext) -> Sequence[tuple[str, str]]:
    report, makerspace = context.report, context.makerspace
    filters = "; ".join(f"{name}: {', '.join(values)}" for name, values in (report.filters or {}).items())
    return (
        ("Makerspace", makerspace.name),
        *(() if definition_of(report.type).is_as_of_now else _periods(context.scope)),
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
