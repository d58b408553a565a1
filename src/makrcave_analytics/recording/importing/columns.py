"""Maps the columns of a file to the fields of an input, and a row to an input."""

import dataclasses
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from makrcave_analytics.errors import AnalyticsError, Invalid
from makrcave_analytics.recording.checks.fields import readable
from makrcave_analytics.recording.importing.cells import CellFormat, Reader, reader_of
from makrcave_analytics.recording.importing.kinds import FileKind
from makrcave_analytics.recording.importing.readers.base import Cell, FileRow, Formula
from makrcave_analytics.recording.importing.times import Moment
from makrcave_analytics.recording.parsing import ABSENT

SKIPPED = frozenset({"line", "reason"})
"""Columns that a file of rejects has besides its own; they are skipped when it is corrected and imported."""
MAKERSPACE = "makerspace_id"
"""A column of exports of several makerspaces."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAPS = re.compile(r"[\s\-]+")


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file, and the field that it is for."""

    position: int
    name: str
    """The column's name in the file."""
    field: str
    read: Reader


@dataclass(frozen=True)
class FileShape:
    """The columns that a kind of file must and may have."""

    kind: FileKind

    @cached_property
    def readers(self) -> Mapping[str, Reader]:
        """How each field is read."""
        return {name: reader_of(type_) for name, type_ in typing.get_type_hints(self.kind.input).items()}

    @cached_property
    def needed(self) -> frozenset[str]:
        """Fields that every row must fill."""
        declared = {
            one.name for one in dataclasses.fields(self.kind.input) if one.default is dataclasses.MISSING
        } | self.kind.needs
        return frozenset(declared - (set() if self.kind.facts is None else {self.kind.id_field}))

    @cached_property
    def clears(self) -> frozenset[str]:
        """Fields for which an empty cell means null, and not left out."""
        return frozenset(one.name for one in dataclasses.fields(self.kind.input) if one.default is ABSENT)

    def field_of(self, name: str) -> str | None:
        """Return the field of a column, by its name or an older one, in any spelling; None: for no field."""
        normalized = _normalized(name)
        return normalized if normalized in self.readers else self.kind.older.get(normalized)

    def score(self, names: Sequence[str]) -> int:
        """Return how many names are of known columns."""
        return sum(self.field_of(name) is not None for name in names)

    @cached_property
    def columns_of(self) -> Callable[[tuple[str, ...]], "ColumnMap"]:
        """`columns`, cached: the rows of a file have few different headers."""
        return lru_cache(maxsize=100)(self.columns)

    def columns(self, names: Sequence[str]) -> "ColumnMap":
        """Map the columns of a file.

        Raises: Invalid, where two columns are for one field.
        """
        found: dict[str, MappedColumn] = {}
        for position, name in enumerate(names):
            field = self.field_of(name)
            if field is None:
                continue
            if field in found:
                raise Invalid(f"The columns {found[field].name} and {name} are the same: leave one out.")
            found[field] = MappedColumn(
                position, name, field, self.kind.converts.get(_normalized(name), self.readers[field])
            )
        return ColumnMap(self, tuple(names), tuple(found.values()))


@dataclass(frozen=True)
class ColumnMap:
    """The columns of a file; of a row, where each row has its own."""

    shape: FileShape
    names: tuple[str, ...]
    known: tuple[MappedColumn, ...]

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Columns that are for no field."""
        used = {column.position for column in self.known} | set(self._makerspace)
        return tuple(
            name for i, name in enumerate(self.names) if i not in used and name and _normalized(name) not in SKIPPED
        )

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Needed fields without a column."""
        return tuple(sorted(self.shape.needed - {column.field for column in self.known}))

    @cached_property
    def _makerspace(self) -> tuple[int, ...]:
        return tuple(i for i, name in enumerate(self.names) if _normalized(name) == MAKERSPACE)

    def name_of(self, field: str) -> str:
        """Return the file's name for a field."""
        return next((column.name for column in self.known if column.field == field), field)

    def formula(self, row: FileRow) -> str | None:
        """Return the place of a formula among the cells that are read, or None."""
        cells = (row.cells[column.position] for column in self.known)
        return next((cell.place for cell in cells if isinstance(cell, Formula)), None)

    def read(self, row: FileRow, makerspace: UUID, cell_format: CellFormat) -> dict[str, Any]:
        """Read the fields of a row; instants as Moments. Empty cells are left out, or None where that clears the field.

        Raises: Invalid, whose message begins with the name of the column.
        """
        for position in self._makerspace:
            if str(row.cells[position] or makerspace).lower() != str(makerspace):
                raise Invalid(f"{self.names[position]}: The row belongs to another makerspace.")
        values: dict[str, Any] = {}
        for column in self.known:
            cell = row.cells[column.position]
            if cell is not None:
                values[column.field] = self._value(column, cell, cell_format)
            elif column.field in self.shape.clears:
                values[column.field] = None
        missing = next((field for field in sorted(self.shape.needed) if values.get(field) is None), None)
        if missing is not None:
            raise Invalid(f"{self.name_of(missing)}: Must not be empty.")
        return values

    @staticmethod
    def _value(column: MappedColumn, cell: Cell, cell_format: CellFormat) -> Any:
        try:
            return column.read(readable(cell, column.field), cell_format)
        except AnalyticsError as error:
            raise Invalid(f"{column.name}: {error.message}") from None


def input_of(shape: FileShape, values: Mapping[str, Any], fact_id: str | None) -> Any:
    """Return the input of a row's fields; `fact_id` is the id of a row that has none."""
    plain = {name: value.at if isinstance(value, Moment) else value for name, value in values.items()}
    if fact_id is not None:
        plain[shape.kind.id_field] = fact_id
    return shape.kind.input(**plain)


def _normalized(name: str) -> str:
    """Normalize a column's name: Event Type, eventType and EVENT-TYPE are event_type."""
    return _GAPS.sub("_", _HUMP.sub("_", name.strip())).lower()
