"""Document: titles, numbers, tables and charts of a report as values, independent of the format.

Numbers are exact and carry their unit; each format decides on rounding.
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
    """One number and its comparison. A value is None where it is undefined, or where nothing is compared."""

    key: str
    label: str
    unit: Unit
    value: Decimal | None
    previous: Decimal | None = None
    change_percent: Decimal | None = None
    section: str = ""
    """The section of the catalogue that it is from."""


@dataclass(frozen=True)
class Totals:
    """Numbers of the whole period, shown as cards."""

    figures: tuple[Figure, ...]
    is_compared: bool
    title: str = "Totals"


@dataclass(frozen=True)
class Column:
    """A column of a table. `unit` is None for texts, days and instants."""

    key: str
    """The name for programs: lower-case words joined by _."""
    label: str
    unit: Unit | None = None
    is_wide: bool = False
    """True: it holds names or sentences, which may be wrapped."""


@dataclass(frozen=True)
class DocumentTable:
    """A table: rows with one value for each column, in order."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    note: str | None = None
    most_lines: int = 3
    """The most lines of a cell on a page."""


class Mark(StrEnum):
    """How a chart is drawn."""

    LINE = "LINE"
    COLUMN = "COLUMN"
    BAR = "BAR"
    """Horizontal bars, for long labels; the first on top."""


@dataclass(frozen=True)
class Line:
    """One series of a chart: a value for each place, None for a gap."""

    label: str
    values: tuple[Decimal | None, ...]
    is_comparison: bool = False
    """True: the others are compared with it, so it is drawn in the background."""


@dataclass(frozen=True)
class Chart:
    """A chart, declared once for all formats. Places are all days or all texts, in order; lines share one unit."""

    title: str
    mark: Mark
    place_label: str
    places: tuple[date, ...] | tuple[str, ...]
    lines: tuple[Line, ...]
    unit: Unit

    @property
    def is_empty(self) -> bool:
        """Whether it has no value to draw."""
        return not any(value is not None for line in self.lines for value in line.values)


@dataclass(frozen=True)
class Heatmap:
    """A number for each hour of the week: 7 rows from Monday, 24 columns; None for an hour that did not occur."""

    title: str
    unit: Unit
    label: str
    cells: tuple[tuple[Decimal | None, ...], ...]


Block = Totals | DocumentTable | Chart | Heatmap


@dataclass(frozen=True)
class Chapter:
    """A chapter of pages; a sheet of a workbook."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Brand:
    """Name, colour and logo of a makerspace. The logo is bytes that may turn out to be no image."""

    name: str
    color: str | None
    logo: bytes | None


@dataclass(frozen=True)
class Document:
    """All of a report but its fact rows."""

    title: str
    brand: Brand
    period: str
    compared_with: str | None
    currency: str
    locale: str
    made_at: datetime
    """When it was requested, with the makerspace's offset."""
    sections: tuple[Chapter, ...]
    notes: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """What it was computed from, as names and values."""
    definitions: tuple[Metric, ...] = field(default=())
    """The metrics whose values are in it."""
    is_short: bool = False
    """True: pages show each chapter in brief."""
    is_sample: bool = False

    @property
    def rows(self) -> int:
        """The number of rows of all its tables."""
        return sum(len(b.rows) for section in self.sections for b in section.blocks if isinstance(b, DocumentTable))

    def noting(self, notes: Iterable[str]) -> Self:
        """Add notes, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def with_section(self, section: Chapter) -> Self:
        """Add a last chapter."""
        return replace(self, sections=(*self.sections, section))
