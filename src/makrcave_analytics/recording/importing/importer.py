"""The import of one file: all of it is checked before the first write, then it is recorded batch after batch."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Invalid, Unavailable
from makrcave_analytics.letter_case import to_snake
from makrcave_analytics.models.makerspace import read_makerspace
from makrcave_analytics.recording.importing.already_recorded import find_recorded
from makrcave_analytics.recording.importing.cells import CellFormat
from makrcave_analytics.recording.importing.columns import ColumnMap, FileShape, input_of
from makrcave_analytics.recording.importing.kinds import FileKind, ImportTarget
from makrcave_analytics.recording.importing.readers.base import FileRow, RowSource, refused
from makrcave_analytics.recording.importing.readers.detect import open_source
from makrcave_analytics.recording.importing.rejects import Rejects
from makrcave_analytics.recording.importing.row_ids import Identity
from makrcave_analytics.recording.outcome import RecordOutcome, UserError

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Told what is done, how many rows of it, and of how many, where that is known."""

T = TypeVar("T")

REASONS_TOLD = 10
_TELL_EVERY = 1000


@dataclass
class Summary:
    """What became of the rows; of a dry run: what would become of them."""

    rows: int = 0
    recorded: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    unknown_columns: tuple[str, ...] = ()
    """Columns that mean nothing here, and were left out."""
    reasons: list[tuple[int, str]] = field(default_factory=list)
    """Of the first rows that were refused: line and reason."""
    rejects: Path | None = None
    """The file of what was refused, where anything was and it is kept."""

    def count(self, outcome: RecordOutcome) -> None:
        """Add a batch."""
        self.recorded += outcome.recorded
        self.updated += outcome.updated
        self.duplicates += outcome.duplicates

    def refuse(self, line: int, reason: str) -> None:
        """Add a row that was refused."""
        self.rejected += 1
        if len(self.reasons) < REASONS_TOLD:
            self.reasons.append((line, reason))


class _Judged(NamedTuple):
    """A row, and either its input or why it has none."""

    row: FileRow
    input: Any = None
    reason: str | None = None
    made_id: str | None = None
    """The id, where it was made of the content."""


async def import_file(
    path: Path,
    kind: FileKind,
    makerspace: MakerspaceId,
    target: ImportTarget,
    *,
    rejects: Path | None = None,
    keep_rejects: bool = True,
    sheet: str | None = None,
    progress: Progress = lambda *_: None,
) -> Summary:
    """Record a file. What is in already is a duplicate, so a run that ended early is simply run again.

    `rejects` is where refused rows are written, where they are kept; None: beside the file.

    Raises: Invalid, for a file that cannot be taken, before anything is recorded; NotFound; Unavailable.
    """
    zone = await _zone_of(target.database, makerspace)
    shape = FileShape(kind)
    source = open_source(path, shape.score, sheet)
    summary = Summary(unknown_columns=_check_header(path, source, shape))
    summary.rows = _check_rows(path, source, shape, progress)
    with ExitStack() as open_files:
        refusals = open_files.enter_context(_rejects(path, rejects, source)) if keep_rejects else None
        run = _Run(shape, makerspace, target, CellFormat(zone, source.decimal_comma), summary, refusals)
        await run.record(source, progress)
        if refusals is not None and refusals.count:
            summary.rejects = refusals.path
    return summary


def _rejects(path: Path, rejects: Path | None, source: RowSource) -> Rejects:
    beside = path.with_name(f"{path.stem}.rejects.{'csv' if source.has_header else 'ndjson'}")
    chosen = rejects or beside
    if chosen.resolve() == path.resolve():
        raise Invalid("The file of rejects must be another than the one that is imported.")
    return Rejects(chosen, source.names() if source.has_header else None)


@dataclass
class _Run:
    """A file on its way in."""

    shape: FileShape
    makerspace: MakerspaceId
    target: ImportTarget
    cell_format: CellFormat
    summary: Summary
    rejects: Rejects | None

    async def record(self, source: RowSource, progress: Progress) -> None:
        """Record every row.

        Raises: Unavailable.
        """
        done = 0
        async with aclosing(_ahead(_batches(self._judged(source), self.target.recorder.batch_limit))) as batches:
            async for batch in batches:
                try:
                    await self._write(batch)
                except Unavailable as error:
                    raise Unavailable(
                        f"The database went away after {done:,} rows of {self.summary.rows:,}. Run the same command "
                        "again: what is in counts once."
                    ) from error
                done += len(batch)
                progress("recording", done, self.summary.rows)

    async def _write(self, batch: Sequence[_Judged]) -> None:
        there = await self._there(batch)
        self.summary.duplicates += len(there)
        good = [judged for judged in batch if judged.reason is None and judged.made_id not in there]
        reasons = {judged.row.line: judged.reason for judged in batch if judged.reason is not None}
        if good:
            outcome = await self.shape.kind.write(self.target, self.makerspace, [judged.input for judged in good])
            self.summary.count(outcome)
            for result in outcome.results:
                if result.error is not None:
                    row = good[result.index].row
                    reasons[row.line] = self._reason(row, result.error)
        for judged in batch:
            if judged.row.line in reasons:
                self.summary.refuse(judged.row.line, reasons[judged.row.line])
                if self.rejects is not None:
                    self.rejects.add(judged.row, reasons[judged.row.line])

    async def _there(self, batch: Sequence[_Judged]) -> set[str]:
        facts, ids = self.shape.kind.facts, [judged.made_id for judged in batch if judged.made_id is not None]
        return set() if facts is None else await find_recorded(self.target.database, self.makerspace, facts, ids)

    def _judged(self, source: RowSource) -> Iterator[_Judged]:
        columns_of = _remembered(self.shape)
        identity = Identity(self.makerspace.value, self.shape.kind.name)
        for row in source.rows():
            if row.problem is not None:
                yield _Judged(row, reason=row.problem)
                continue
            try:
                values = columns_of(row.names).read(row, self.makerspace.value, self.cell_format)
            except AnalyticsError as error:
                yield _Judged(row, reason=error.message)
                continue
            has_id = self.shape.kind.facts is None or values.get(self.shape.kind.id_field) is not None
            made_id = None if has_id else identity.id_of(values)
            yield _Judged(row, input_of(self.shape, values, made_id), made_id=made_id)

    def _reason(self, row: FileRow, error: UserError) -> str:
        """Say why a row was refused, with the name that its file has for the field."""
        if len(error.path) < 3:
            return error.message
        return f"{self.shape.columns(row.names).name_of(to_snake(error.path[2]))}: {error.message}"


def _check_header(path: Path, source: RowSource, shape: FileShape) -> tuple[str, ...]:
    """Refuse a file without the columns that every row needs; tell which ones mean nothing."""
    try:
        columns: ColumnMap = shape.columns(source.names())
    except Invalid as error:
        raise refused(path, f"cannot be taken. {error.message}") from None
    if columns.missing and (source.has_header or not columns.known):
        named = "column" if len(columns.missing) == 1 else "columns"
        raise refused(
            path,
            f"has no {named} {', '.join(columns.missing)}; a file of {shape.kind.name} may have "
            f"{', '.join(shape.readers)}.",
        )
    return columns.unknown


def _check_rows(path: Path, source: RowSource, shape: FileShape, progress: Progress) -> int:
    """Read all of it, so that what cannot be read is told of before anything is recorded; count the rows."""
    columns_of = _remembered(shape)
    rows = 0
    for rows, row in enumerate(source.rows(), 1):
        if row.problem is None and source.has_header:
            place = columns_of(row.names).formula(row)
            if place is not None:
                raise refused(path, f"holds a formula in {place}: copy the sheet and paste only its values.")
        if rows % _TELL_EVERY == 0:
            progress("checking", rows, None)
    progress("checking", rows, rows)
    return rows


def _remembered(shape: FileShape) -> Callable[[tuple[str, ...]], ColumnMap]:
    return lru_cache(maxsize=100)(shape.columns)


def _batches(judged: Iterator[_Judged], size: int) -> Iterator[list[_Judged]]:
    batch: list[_Judged] = []
    for one in judged:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def _ahead(batches: Iterator[T]) -> AsyncGenerator[T, None]:
    """Give batches, the next one being read in a thread meanwhile."""
    reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        await asyncio.gather(reading, return_exceptions=True)  # a thread cannot be left behind in the file


async def _zone_of(database: Database, makerspace: MakerspaceId) -> ZoneInfo:
    async with database.read(makerspace) as connection:
        return ZoneInfo((await read_makerspace(connection, makerspace)).time_zone)
