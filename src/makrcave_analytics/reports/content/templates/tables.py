"""Tables of what numbers are made of: by machine, by member, by source. Parts are named as their reader sees them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from makrcave_analytics.crypto import display_pseudonym
from makrcave_analytics.metrics.display.labels import ENTITIES, NONE, OTHER, dimension_label, key_label
from makrcave_analytics.metrics.display.names import Member, Named
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.results.number import MAX_TOP, Number, Slice
from makrcave_analytics.metrics.vocabulary import Dimension, Unit
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Chart, Column, DocumentTable, Line, Mark, Value
from makrcave_analytics.reports.content.templates.parts import metric_column

_NAMES = {
    Dimension.MEMBER: "Member",
    Dimension.CUSTOMER: "Customer",
    Dimension.EQUIPMENT: "Machine",
    Dimension.ITEM: "Item",
    Dimension.PROJECT: "Project",
}


async def breakdown(
    context: ReportContext,
    title: str,
    metrics: Sequence[Metric],
    by: Dimension,
    top: int = 20,
    *,
    beside: Mapping[Column, Callable[[Any], Value]] = MappingProxyType({}),
) -> DocumentTable | None:
    """List the largest parts of the first metric, with the same parts of the others beside them.

    `beside`: further columns, from the rows of what the parts name.
    """
    numbers = context.numbers(metrics, by)
    if not numbers:
        return None
    leading, *others = await asyncio.gather(*(parts_of(context, number, by) for number in numbers))
    keys = [part.key for part in leading][: len(leading) if by.complete_keys else top]
    naming = await named(context, by, [key for key in keys if key is not None])
    lead = numbers[0].metric
    columns = [*_key_columns(by), *beside, metric_column(lead)]
    if lead.is_additive:
        columns.append(Column("share", "Share", Unit.PERCENT))
    columns += [metric_column(number.metric) for number in numbers[1:]]
    found = [{part.key: part for part in parts} for parts in (leading, *others)]
    further = await _beside(context, by, keys, list(beside.values()))
    rows = [(*naming_of(by, key, naming), *further[key], *_values(found, key, numbers)) for key in keys]
    if len(leading) > len(keys) and lead.is_additive:
        wholes = await asyncio.gather(*(number.total() for number in numbers))
        rows.append((*_names(by, OTHER), *(None for _ in beside), *_rest(found, keys, numbers, wholes)))
    return DocumentTable(title, tuple(columns), rows)


async def _beside(
    context: ReportContext, by: Dimension, keys: Sequence[str | None], cells: Sequence[Callable[[Any], Value]]
) -> Mapping[str | None, tuple[Value, ...]]:
    made: dict[str | None, tuple[Value, ...]] = dict.fromkeys(keys, (None,) * len(cells))
    if cells:
        rows = await context.reading.names.load_many((ENTITIES[by], key) for key in keys if key is not None)
        made |= {row.id: tuple(cell(row) for cell in cells) for row in rows}
    return made


async def parts_of(context: ReportContext, number: Number, by: Dimension) -> list[Slice]:
    """Return all parts of a number that its reader may see the values of, largest first."""
    parts = await number.breakdown(by, MAX_TOP)
    return await context.visibility.slices([part for part in parts if not part.is_other])


async def values_by(context: ReportContext, number: Number, by: Dimension) -> Mapping[str | None, Decimal | None]:
    """Return a number by key, of as many keys as there are; what its reader may not see is None."""
    if context.visibility.guards(number.metric):
        return {part.key: part.value for part in await parts_of(context, number, by)}
    return (await number.by_key(by))[0]


async def named(context: ReportContext, by: Dimension, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return, by key, the id that the reader may see and its name."""
    if by not in ENTITIES:
        return {key: (key, key_label(by, key)) for key in keys}
    rows = await context.reading.names.load_many((ENTITIES[by], key) for key in keys)
    return {row.id: seen_name(context, row) for row in rows}


def seen_name(context: ReportContext, row: Named) -> tuple[str, str]:
    """Return the id and the name of what has one, as the reader may see them."""
    if not isinstance(row, Member) or context.visibility.people:
        return row.id, row.label
    pseudonym = row.pseudonym or ""
    return pseudonym, display_pseudonym(pseudonym) if pseudonym else "Member"


def naming_of(by: Dimension, key: str | None, naming: Mapping[str, tuple[str, str]]) -> tuple[Value, ...]:
    """Return the cells that name a part: the name, and the id of what has one."""
    if key is None:
        return _names(by, NONE)
    shown, label = naming[key]
    return (label, shown) if by in ENTITIES else (label,)


def bars(table: DocumentTable | None, title: str, value: int, top: int = 12) -> Chart | None:
    """Draw a column of a table, largest first, as bars named by its first column."""
    if table is None:
        return None
    shown = [row for row in table.rows if isinstance(row[value], Decimal | int)][:top]
    return Chart(
        title=title,
        mark=Mark.BAR,
        place_label=table.columns[0].label,
        places=tuple(str(row[0]) for row in shown),
        lines=(Line(table.columns[value].label, tuple(Decimal(row[value]) for row in shown)),),  # type: ignore[arg-type]
        unit=table.columns[value].unit or Unit.COUNT,
    )


def _key_columns(by: Dimension) -> list[Column]:
    if by not in ENTITIES:
        return [Column(by.lower(), dimension_label(by), is_wide=True)]
    name = _NAMES[by]
    return [Column(f"{name.lower()}_name", name, is_wide=True), Column(f"{name.lower()}_id", "Id", is_wide=True)]


def _names(by: Dimension, label: str) -> tuple[Value, ...]:
    return (label, None) if by in ENTITIES else (label,)


def _values(
    found: Sequence[Mapping[str | None, Slice]], key: str | None, numbers: Sequence[Number]
) -> tuple[Value, ...]:
    cells: list[Value] = []
    for place, (parts, number) in enumerate(zip(found, numbers, strict=True)):
        part = parts.get(key)
        nothing = number.metric.combine((None,) * len(number.metric.measures))
        cells.append(part.value if part else nothing)
        if place == 0 and number.metric.is_additive:
            cells.append(None if part is None or part.share is None else _percent(part.share))
    return tuple(cells)


def _rest(
    found: Sequence[Mapping[str | None, Slice]],
    shown: Sequence[str | None],
    numbers: Sequence[Number],
    wholes: Sequence[Decimal | None],
) -> tuple[Value, ...]:
    """Say what the whole leaves, where parts add up and none of them is hidden."""
    cells: list[Value] = []
    for place, (parts, number, whole) in enumerate(zip(found, numbers, wholes, strict=True)):
        values = [parts[key].value for key in shown if key in parts]
        adds_up = number.metric.is_additive and not number.metric.has_units and None not in values
        rest = whole - sum(map(Decimal, filter(None, values))) if adds_up and whole is not None else None
        cells.append(rest)
        if place == 0 and number.metric.is_additive:
            cells.append(None if rest is None or not whole else _percent(float(rest / whole)))
    return tuple(cells)


def _percent(share: float) -> Decimal:
    return (Decimal(repr(share)) * 100).quantize(Decimal("0.000001")).normalize() + 0
