"""Parts that templates are put together from: each asks the catalogue's numbers and gives a block of a document."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from makrcave_analytics.crypto import display_pseudonym
from makrcave_analytics.metrics.labels import ENTITIES, NONE, OTHER, dimension_label, key_label
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.names import Entity, Member, Named
from makrcave_analytics.metrics.number import MAX_TOP, Number, Part
from makrcave_analytics.metrics.privacy import guarded
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.metrics.vocabulary import Dimension, Unit
from makrcave_analytics.metrics.week import hours_of_week
from makrcave_analytics.period import Grain, default_grain
from makrcave_analytics.reports.document import Block, Chart, Column, Figure, Heatmap, Line, Mark, Table, Totals, Value
from makrcave_analytics.reports.inquiry import Inquiry

HOURS_A_DAY = 24
_MONTHS_FROM = 62
"""Days from which on a chart by month has more than two points."""
_FEW = 2
"""Points that make no line."""
_NAMES = {
    Dimension.MEMBER: "Member",
    Dimension.CUSTOMER: "Customer",
    Dimension.EQUIPMENT: "Machine",
    Dimension.ITEM: "Item",
    Dimension.PROJECT: "Project",
}


def blocks(*made: Block | None) -> tuple[Block, ...]:
    """Leave out what there is none of."""
    return tuple(block for block in made if block is not None)


async def totals(inquiry: Inquiry, metrics: Iterable[Metric], title: str = "Totals") -> Totals | None:
    """Show metrics over the whole period, each with what it is compared with."""
    numbers = inquiry.numbers(metrics)
    figures = await asyncio.gather(*map(figure, numbers))
    return Totals(tuple(figures), inquiry.scope.compared is not None, title) if figures else None


async def figure(number: Number) -> Figure:
    """Ask for one number with its comparison."""
    value, previous, change = await asyncio.gather(number.total(), number.previous(), number.change_percent())
    metric = number.metric
    return Figure(metric.key, metric.label, metric.unit, value, previous, change, metric.section)


def by_month(scope: Scope) -> Grain:
    """Return MONTH, or for a short period the usual grain."""
    return Grain.MONTH if scope.period.days >= _MONTHS_FROM else default_grain(scope.period, Grain.DAY)


def by_day(scope: Scope) -> Grain:
    """Return DAY, for a long period a coarser grain."""
    return default_grain(scope.period, Grain.DAY)


async def over_time(
    inquiry: Inquiry, title: str, metrics: Sequence[Metric], grain: Grain, mark: Mark = Mark.LINE
) -> Chart | None:
    """Draw metrics of one unit over time; a single one beside what it is compared with. `title` ends in "per"."""
    numbers = inquiry.numbers(metrics)
    if not numbers:
        return None
    series = await asyncio.gather(*(number.series(grain) for number in numbers))
    lines = [
        Line(number.metric.label, tuple(point.value for point in points))
        for number, points in zip(numbers, series, strict=True)
    ]
    if len(numbers) == 1 and inquiry.scope.compared is not None:
        before = tuple(point.previous for point in series[0])
        lines.append(Line("Compared with", before, is_comparison=True))
    return Chart(
        title=f"{title} {grain.lower()}",
        mark=mark if len(series[0]) > _FEW else Mark.COLUMN,
        place_label=grain.capitalize(),
        places=tuple(point.bucket.start.date() for point in series[0]),
        lines=tuple(lines),
        unit=numbers[0].metric.unit,
    )


async def breakdown(
    inquiry: Inquiry,
    title: str,
    metrics: Sequence[Metric],
    by: Dimension,
    top: int = 20,
    *,
    beside: Mapping[Column, Callable[[Any], Value]] = MappingProxyType({}),
) -> Table | None:
    """List the largest parts of the first metric, with the same parts of the others beside them.

    `beside`: further columns, from the rows of what the parts name.
    """
    numbers = inquiry.numbers(metrics, by)
    if not numbers:
        return None
    leading, *others = await asyncio.gather(*(parts_of(inquiry, number, by) for number in numbers))
    keys = [part.key for part in leading][: len(leading) if by.complete_keys else top]
    rest = [part.key for part in leading][len(keys) :]
    naming = await named(inquiry, by, [key for key in keys if key is not None])
    lead = numbers[0].metric
    columns = [*_key_columns(by), *beside, _column(lead)]
    if lead.is_additive:
        columns.append(Column("share", "Share", Unit.PERCENT))
    columns += [_column(number.metric) for number in numbers[1:]]
    found = [{part.key: part for part in parts} for parts in (leading, *others)]
    further = await _beside(inquiry, by, keys, list(beside.values()))
    rows = [(*naming_of(by, key, naming), *further[key], *_values(found, key, numbers)) for key in keys]
    if rest and lead.is_additive:
        rows.append((*_names(by, OTHER), *(None for _ in beside), *_rest(found, rest, numbers)))
    return Table(title, tuple(columns), rows)


async def _beside(
    inquiry: Inquiry, by: Dimension, keys: Sequence[str | None], cells: Sequence[Callable[[Any], Value]]
) -> Mapping[str | None, tuple[Value, ...]]:
    made: dict[str | None, tuple[Value, ...]] = dict.fromkeys(keys, (None,) * len(cells))
    if cells:
        rows = await inquiry.reading.names.load_many((ENTITIES[by], key) for key in keys if key is not None)
        made |= {row.id: tuple(cell(row) for cell in cells) for row in rows}
    return made


async def parts_of(inquiry: Inquiry, number: Number, by: Dimension) -> list[Part]:
    """Return all parts of a number that its reader may see the values of, largest first."""
    parts = [part for part in await number.breakdown(by, MAX_TOP) if not part.is_other]
    return parts if inquiry.shows_people else await guarded(parts, inquiry.making.min_group_size)


async def values_by(inquiry: Inquiry, number: Number, by: Dimension) -> Mapping[str | None, Decimal | None]:
    """Return a number by key, of as many keys as there are; what its reader may not see is None."""
    if number.metric.counts_people and not inquiry.shows_people:
        return {part.key: part.value for part in await parts_of(inquiry, number, by)}
    return (await number.by_key(by))[0]


async def named(inquiry: Inquiry, by: Dimension, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return, by key, the id that the reader may see and its name."""
    if by not in ENTITIES:
        return {key: (key, key_label(by, key)) for key in keys}
    rows = await inquiry.reading.names.load_many((ENTITIES[by], key) for key in keys)
    return {row.id: seen_name(inquiry, row) for row in rows}


def seen_name(inquiry: Inquiry, row: Named) -> tuple[str, str]:
    """Return the id and the name of what has one, as the reader may see them."""
    if not isinstance(row, Member) or inquiry.shows_people:
        return row.id, row.label
    pseudonym = row.pseudonym or ""
    return pseudonym, display_pseudonym(pseudonym) if pseudonym else "Member"


async def seen_person(inquiry: Inquiry, user_id: str | None) -> tuple[str | None, str | None]:
    """Return what the reader may see of a person."""
    if user_id is None:
        return None, None
    return seen_name(inquiry, await inquiry.reading.names.load((Entity.MEMBER, user_id)))


def naming_of(by: Dimension, key: str | None, naming: Mapping[str, tuple[str, str]]) -> tuple[Value, ...]:
    """Return the cells that name a part: the name, and the id of what has one."""
    if key is None:
        return _names(by, NONE)
    shown, label = naming[key]
    return (label, shown) if by in ENTITIES else (label,)


async def heatmap(inquiry: Inquiry, title: str, metric: Metric, label: str) -> Heatmap | None:
    """Show a metric by weekday and hour."""
    number = inquiry.number(metric, Dimension.DAY_OF_WEEK, Dimension.HOUR_OF_DAY)
    if number is None:
        return None
    cells = [cell.value for cell in await hours_of_week(number)]
    rows = (tuple(cells[start : start + HOURS_A_DAY]) for start in range(0, len(cells), HOURS_A_DAY))
    return Heatmap(title, metric.unit, label, tuple(rows))


def bars(table: Table | None, title: str, value: int, top: int = 12) -> Chart | None:
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


def month(day: date) -> str:
    """Write a month as 2026-03."""
    return f"{day:%Y-%m}"


def snake(key: str) -> str:
    """Write a metric's key as programs name columns."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def metric_column(metric: Metric) -> Column:
    """Return the column of a metric's values."""
    return Column(snake(metric.key), metric.label, metric.unit)


_column = metric_column


def _key_columns(by: Dimension) -> list[Column]:
    if by not in ENTITIES:
        return [Column(by.lower(), dimension_label(by), is_wide=True)]
    name = _NAMES[by]
    return [Column(f"{name.lower()}_name", name, is_wide=True), Column(f"{name.lower()}_id", "Id", is_wide=True)]


def _names(by: Dimension, label: str) -> tuple[Value, ...]:
    return (label, None) if by in ENTITIES else (label,)


def _values(
    found: Sequence[Mapping[str | None, Part]], key: str | None, numbers: Sequence[Number]
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
    found: Sequence[Mapping[str | None, Part]], rest: Sequence[str | None], numbers: Sequence[Number]
) -> tuple[Value, ...]:
    """Sum up what is not shown, where that can be summed up."""
    cells: list[Value] = []
    for place, (parts, number) in enumerate(zip(found, numbers, strict=True)):
        values = [parts[key].value for key in rest if key in parts]
        # Quantities of different units do not add up.
        sums = number.metric.is_additive and not number.metric.has_units and None not in values
        cells.append(sum((value for value in values if value is not None), Decimal(0)) if sums else None)
        if place == 0 and number.metric.is_additive:
            shares = [parts[key].share for key in rest if key in parts]
            cells.append(_percent(sum(share or 0 for share in shares)) if None not in shares else None)
    return tuple(cells)


def _percent(share: float) -> Decimal:
    return (Decimal(repr(share)) * 100).quantize(Decimal("0.000001")).normalize() + 0
