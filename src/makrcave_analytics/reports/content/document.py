"""Document: a report before it is a file: titles, numbers, tables and charts as values. Knows no format.

Numbers are exact here and carry their unit; whoever writes them rounds for people, or does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.vocabulary import Unit

Value = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True)
class Figure:
    """One number with what it is compared with; None where it is undefined, or nothing is compared with."""

    key: str
    label: str
    unit: Unit
    value: Decimal | None
    previous: Decimal | None = None
    change_percent: Decimal | None = None
    section: str = ""
    """The page of the product that it is from."""


@dataclass(frozen=True)
class Totals:
    """Numbers of the whole period, as cards."""

    figures: tuple[Figure, ...]
    is_compared: bool
    title: str = "Totals"


@dataclass(frozen=True)
class Column:
    """A column of a table. `unit` is that of numbers; None for texts, days and instants."""

    key: str
    """For programs: lower-case words joined by _."""
    label: str
    unit: Unit | None = None
    is_wide: bool = False
    """Holds names or sentences."""


@dataclass(frozen=True)
class DocumentTable:
    """Rows of values, one a column, in order."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    note: str | None = None
    most_lines: int = 3
    """Of a cell on paper."""


class Mark(StrEnum):
    """How a chart is drawn."""

    LINE = "LINE"
    COLUMN = "COLUMN"
    BAR = "BAR"
    """Lying: for long labels, the first on top."""


@dataclass(frozen=True)
class Line:
    """One series of a chart: a value a place, None for a gap."""

    label: str
    values: tuple[Decimal | None, ...]
    is_comparison: bool = False
    """What the others are compared with: drawn in the background."""


@dataclass(frozen=True)
class Chart:
    """A chart, declared once for every format. Places are all days or all texts, in order; lines share one unit."""

    title: str
    mark: Mark
    place_label: str
    places: tuple[date, ...] | tuple[str, ...]
    lines: tuple[Line, ...]
    unit: Unit

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value is not None for line in self.lines for value in line.values)


@dataclass(frozen=True)
class Heatmap:
    """A number for each hour of the week: 7 rows from Monday, 24 columns; None where there was no such hour."""

    title: str
    unit: Unit
    label: str
    cells: tuple[tuple[Decimal | None, ...], ...]


Block = Totals | DocumentTable | Chart | Heatmap


@dataclass(frozen=True)
class Chapter:
    """A chapter, and in a workbook a sheet."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Brand:
    """What a makerspace's papers look like. Logo: the bytes of an image, or of what somebody took for one."""

    name: str
    color: str | None
    logo: bytes | None


@dataclass(frozen=True)
class Document:
    """All of a report but the rows of its facts."""

    title: str
    brand: Brand
    period: str
    compared_with: str | None
    currency: str
    locale: str
    made_at: datetime
    """When it was asked for, with the makerspace's offset."""
    sections: tuple[Chapter, ...]
    notes: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """What it was computed from: names and values."""
    definitions: tuple[Metric, ...] = field(default=())
    """Every number that is in it."""
    is_short: bool = False
    """Meant for two pages."""
    is_sample: bool = False

    @property
    def rows(self) -> int:
        """How many rows its tables have."""
        return sum(len(b.rows) for section in self.sections for b in section.blocks if isinstance(b, DocumentTable))

    def noting(self, notes: Iterable[str]) -> Self:
        """Add what was learned since, once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def with_section(self, section: Chapter) -> Self:
        """Add a last section."""
        return replace(self, sections=(*self.sections, section))
