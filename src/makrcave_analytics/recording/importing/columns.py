"""From the names of columns to fields of an input, and from a row to an input."""

import dataclasses
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from makrcave_analytics.errors import AnalyticsError, Invalid
from makrcave_analytics.recording.checks.fields import readable
from makrcave_analytics.recording.importing.cells import CellFormat, Reader, reader_of
from makrcave_analytics.recording.importing.kinds import FileKind
from makrcave_analytics.recording.importing.readers.base import Cell, FileRow, Formula
from makrcave_analytics.recording.importing.times import Moment
from makrcave_analytics.recording.parsing import ABSENT

PASSED_OVER = frozenset({"line", "reason"})
"""What a file of rejects has beside the columns of its own, so that it can be put right and imported."""
MAKERSPACE = "makerspace_id"
"""A column of exports that hold several makerspaces."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAPS = re.compile(r"[\s\-]+")


@dataclass(frozen=True)
class MappedColumn:
    """A column that a field is read from."""

    position: int
    name: str
    """As the file has it."""
    field: str
    read: Reader


@dataclass(frozen=True)
class FileShape:
    """What a kind of file must and may hold."""

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
        """Fields of which empty means null, not left out."""
        return frozenset(one.name for one in dataclasses.fields(self.kind.input) if one.default is ABSENT)

    def field_of(self, name: str) -> str | None:
        """Tell which field a column is for, by its name or an older one, as people write them."""
        plain = _plain(name)
        return plain if plain in self.readers else self.kind.older.get(plain)

    def score(self, names: Sequence[str]) -> int:
        """Tell how many names are known."""
        return sum(self.field_of(name) is not None for name in names)

    def columns(self, names: Sequence[str]) -> "ColumnMap":
        """Match the names of a file.

        Raises: Invalid, where two are for one field.
        """
        found: dict[str, MappedColumn] = {}
        for position, name in enumerate(names):
            field = self.field_of(name)
            if field is None:
                continue
            if field in found:
                raise Invalid(f"The columns {found[field].name} and {name} are the same: leave one out.")
            found[field] = MappedColumn(
                position, name, field, self.kind.converts.get(_plain(name), self.readers[field])
            )
        return ColumnMap(self, tuple(names), tuple(found.values()))


@dataclass(frozen=True)
class ColumnMap:
    """The columns of a file, or of one row of it where each has its own."""

    shape: FileShape
    names: tuple[str, ...]
    known: tuple[MappedColumn, ...]

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Names that mean nothing here."""
        used = {column.position for column in self.known} | set(self._makerspace)
        return tuple(
            name for i, name in enumerate(self.names) if i not in used and name and _plain(name) not in PASSED_OVER
        )

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Needed fields that no column is for."""
        return tuple(sorted(self.shape.needed - {column.field for column in self.known}))

    @cached_property
    def _makerspace(self) -> tuple[int, ...]:
        return tuple(i for i, name in enumerate(self.names) if _plain(name) == MAKERSPACE)

    def name_of(self, field: str) -> str:
        """Give the name that the file has for a field."""
        return next((column.name for column in self.known if column.field == field), field)

    def formula(self, row: FileRow) -> str | None:
        """Find a formula among the cells that are read; tell where it stands."""
        cells = (row.cells[column.position] for column in self.known)
        return next((cell.place for cell in cells if isinstance(cell, Formula)), None)

    def read(self, row: FileRow, makerspace: UUID, cell_format: CellFormat) -> dict[str, Any]:
        """Read a row into its fields; instants as Moments. What is empty is left out, or None where that clears.

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
    """Make the input of a row's fields; `fact_id` stands in where the row names none."""
    plain = {name: value.at if isinstance(value, Moment) else value for name, value in values.items()}
    if fact_id is not None:
        plain[shape.kind.id_field] = fact_id
    return shape.kind.input(**plain)


def _plain(name: str) -> str:
    """Write a name as fields are: Event Type, eventType and EVENT-TYPE are event_type."""
    return _GAPS.sub("_", _HUMP.sub("_", name.strip())).lower()
