"""Breakdowns as tables: by machine, by member, by source. Slices have the names that the reader may see."""

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
    further: Mapping[Column, Callable[[Any], Value]] = MappingProxyType({}),
) -> DocumentTable | None:
    """List the largest slices of the first metric, with the values of the other metrics for the same keys.

    `further`: more columns, computed from the registry's row of each key.
    """
    numbers = context.numbers(metrics, by)
    if not numbers:
        return None
    leading, *others = await asyncio.gather(*(slices_of(context, number, by) for number in numbers))
    keys = [slice_.key for slice_ in leading][: len(leading) if by.complete_keys else top]
    naming = await named(context, by, [key for key in keys if key is not None])
    lead = numbers[0].metric
    columns = [*_key_columns(by), *further, metric_column(lead)]
    if lead.is_additive:
        columns.append(Column("share", "Share", Unit.PERCENT))
    columns += [metric_column(number.metric) for number in numbers[1:]]
    found = [{slice_.key: slice_ for slice_ in slices} for slices in (leading, *others)]
    cells = await _further_cells(context, by, keys, list(further.values()))
    rows = [(*naming_of(by, key, naming), *cells[key], *_values(found, key, numbers)) for key in keys]
    if len(leading) > len(keys) and lead.is_additive:
        wholes = await asyncio.gather(*(number.total() for number in numbers))
        rows.append((*_names(by, OTHER), *(None for _ in further), *_rest(found, keys, numbers, wholes)))
    return DocumentTable(title, tuple(columns), rows)


async def _further_cells(
    context: ReportContext, by: Dimension, keys: Sequence[str | None], cells: Sequence[Callable[[Any], Value]]
) -> Mapping[str | None, tuple[Value, ...]]:
    made: dict[str | None, tuple[Value, ...]] = dict.fromkeys(keys, (None,) * len(cells))
    if cells:
        rows = await context.reading.names.load_many((ENTITIES[by], key) for key in keys if key is not None)
        made |= {row.id: tuple(cell(row) for cell in cells) for row in rows}
    return made


async def slices_of(context: ReportContext, number: Number, by: Dimension) -> list[Slice]:
    """Return the slices of a number, largest first, without the values that are hidden from the reader."""
    slices = await number.breakdown(by, MAX_TOP)
    return await context.visibility.slices([slice_ for slice_ in slices if not slice_.is_other])


async def values_by(context: ReportContext, number: Number, by: Dimension) -> Mapping[str | None, Decimal | None]:
    """Return a number by key, for all keys. Values that are hidden from the reader are None."""
    if context.visibility.guards(number.metric):
        return {slice_.key: slice_.value for slice_ in await slices_of(context, number, by)}
    return (await number.by_key(by))[0]


async def named(context: ReportContext, by: Dimension, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the id and the name that the reader may see, by key."""
    if by not in ENTITIES:
        return {key: (key, key_label(by, key)) for key in keys}
    rows = await context.reading.names.load_many((ENTITIES[by], key) for key in keys)
    return {row.id: seen_name(context, row) for row in rows}


def seen_name(context: ReportContext, row: Named) -> tuple[str, str]:
    """Return the id and the name of a row as the reader may see them: pseudonyms where people are hidden."""
    if not isinstance(row, Member) or context.visibility.people:
        return row.id, row.label
    pseudonym = row.pseudonym or ""
    return pseudonym, display_pseudonym(pseudonym) if pseudonym else "Member"


def naming_of(by: Dimension, key: str | None, naming: Mapping[str, tuple[str, str]]) -> tuple[Value, ...]:
    """Return the cells that name a slice: the name, and the id where the dimension has ids."""
    if key is None:
        return _names(by, NONE)
    shown, label = naming[key]
    return (label, shown) if by in ENTITIES else (label,)


def bars(table: DocumentTable | None, title: str, value: int, top: int = 12) -> Chart | None:
    """Chart a column of a table as bars, in its order, named by its first column."""
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
    for place, (slices, number) in enumerate(zip(found, numbers, strict=True)):
        slice_ = slices.get(key)
        nothing = number.metric.combine((None,) * len(number.metric.measures))
        cells.append(slice_.value if slice_ else nothing)
        if place == 0 and number.metric.is_additive:
            cells.append(None if slice_ is None or slice_.share is None else _percent(slice_.share))
    return tuple(cells)


def _rest(
    found: Sequence[Mapping[str | None, Slice]],
    shown: Sequence[str | None],
    numbers: Sequence[Number],
    wholes: Sequence[Decimal | None],
) -> tuple[Value, ...]:
    """Return what the whole leaves, where slices add up and none of them is hidden."""
    cells: list[Value] = []
    for place, (slices, number, whole) in enumerate(zip(found, numbers, wholes, strict=True)):
        values = [slices[key].value for key in shown if key in slices]
        adds_up = number.metric.is_additive and not number.metric.has_units and None not in values
        rest = whole - sum(map(Decimal, filter(None, values))) if adds_up and whole is not None else None
        cells.append(rest)
        if place == 0 and number.metric.is_additive:
            cells.append(None if rest is None or not whole else _percent(float(rest / whole)))
    return tuple(cells)


def _percent(share: float) -> Decimal:
    return (Decimal(repr(share)) * 100).quantize(Decimal("0.000001")).normalize() + 0
