"""Imports one file: first all of it is checked, then it is recorded batch after batch."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, Invalid, Unavailable
from makrcave_analytics.letter_case import to_snake
from makrcave_analytics.models.makerspace import read_makerspace
from makrcave_analytics.recording.importing.already_recorded import find_recorded
from makrcave_analytics.recording.importing.batches import batches_of, read_ahead
from makrcave_analytics.recording.importing.cells import CellFormat
from makrcave_analytics.recording.importing.columns import FileShape, input_of
from makrcave_analytics.recording.importing.file_checks import Progress, check_header, check_rows
from makrcave_analytics.recording.importing.kinds import FileKind, ImportTarget
from makrcave_analytics.recording.importing.readers.base import FileRow, RowSource
from makrcave_analytics.recording.importing.readers.detect import open_source
from makrcave_analytics.recording.importing.rejects import Rejects
from makrcave_analytics.recording.importing.row_ids import Identity
from makrcave_analytics.recording.importing.summary import Summary
from makrcave_analytics.recording.outcome import UserError


class _Judged(NamedTuple):
    """A row, and either its input or the reason of its refusal."""

    row: FileRow
    input: Any = None
    reason: str | None = None
    made_id: str | None = None
    """The id, where it was made of the row's content."""


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
    """Record a file. Rows that are recorded already are duplicates, so an import that broke off is run again.

    `rejects` is the file of the refused rows, where they are kept; None: next to the imported file.

    Raises: Invalid, for a file that is refused whole, before anything is recorded; NotFound; Unavailable.
    """
    zone = await _zone_of(target.database, makerspace)
    shape = FileShape(kind)
    source = open_source(path, shape.score, sheet)
    summary = Summary(unknown_columns=check_header(path, source, shape))
    summary.rows = check_rows(path, source, shape, progress)
    with ExitStack() as open_files:
        refusals = open_files.enter_context(_rejects(path, rejects, source)) if keep_rejects else None
        recording = _Recording(shape, makerspace, target, CellFormat(zone, source.decimal_comma), summary, refusals)
        await recording.record(source, progress)
        if refusals is not None and refusals.count:
            summary.rejects = refusals.path
    return summary


def _rejects(path: Path, rejects: Path | None, source: RowSource) -> Rejects:
    chosen = rejects or path.with_name(f"{path.stem}.rejects.{source.rejects_suffix}")
    if chosen.resolve() == path.resolve():
        raise Invalid("The file of rejects must be another than the one that is imported.")
    return Rejects(chosen, source.names() if source.has_header else None)


@dataclass
class _Recording:
    """Records the rows of one file."""

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
        batches = batches_of(self._judged(source), self.target.recorder.batch_limit)
        async with aclosing(read_ahead(batches)) as ahead:
            async for batch in ahead:
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
        there = await self._already_recorded(batch)
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

    async def _already_recorded(self, batch: Sequence[_Judged]) -> set[str]:
        facts, ids = self.shape.kind.facts, [judged.made_id for judged in batch if judged.made_id is not None]
        return set() if facts is None else await find_recorded(self.target.database, self.makerspace, facts, ids)

    def _judged(self, source: RowSource) -> Iterator[_Judged]:
        identity = Identity(self.makerspace.value, self.shape.kind.name)
        for row in source.rows():
            if row.problem is not None:
                yield _Judged(row, reason=row.problem)
                continue
            try:
                values = self.shape.columns_of(row.names).read(row, self.makerspace.value, self.cell_format)
            except AnalyticsError as error:
                yield _Judged(row, reason=error.message)
                continue
            has_id = self.shape.kind.facts is None or values.get(self.shape.kind.id_field) is not None
            made_id = None if has_id else identity.id_of(values)
            yield _Judged(row, input_of(self.shape, values, made_id), made_id=made_id)

    def _reason(self, row: FileRow, error: UserError) -> str:
        """Return the reason of a refusal, with the file's name for the field."""
        if len(error.path) < 3:
            return error.message
        return f"{self.shape.columns_of(row.names).name_of(to_snake(error.path[2]))}: {error.message}"


async def _zone_of(database: Database, makerspace: MakerspaceId) -> ZoneInfo:
    async with database.read(makerspace) as connection:
        return ZoneInfo((await read_makerspace(connection, makerspace)).time_zone)
