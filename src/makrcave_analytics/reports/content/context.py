"""ReportContext: what templates and writers read a report through, from one snapshot of the database."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy import select

from makrcave_analytics.config import MIN_GROUP_SIZE
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.analyses.currencies import select_currencies
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.notes.common import money_notes
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import makerspaces
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.reports.content.document import Brand
from makrcave_analytics.reports.content.filters import MetricFilters, resolve_filters
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.storage.base import Sink

SECONDS_A_STATEMENT = 3600


@dataclass
class Progress:
    """How far a report is. The task that renews the lease stores it."""

    fraction: float = 0.0
    """From 0 to 1."""
    stage: str | None = None


@dataclass(frozen=True)
class ReportJob:
    """A report and all that its file is written with."""

    database: Database
    report: Report
    sink: Sink
    progress: Progress
    min_group_size: int = MIN_GROUP_SIZE
    """The fewest people of a group that is shown to those who may not see people."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """Open the snapshot that all of the file is read from. Its first statement reads the data version."""
        reading = ReadSession(self.database, self.report.makerspace, seconds=SECONDS_A_STATEMENT)
        async with reading.snapshot:
            yield reading


@dataclass(frozen=True)
class Made:
    """What was written."""

    name: str
    """The name of the file, for people."""
    rows: int
    data_version: int


@dataclass(frozen=True)
class ReportContext:
    """What a template and a writer read through. All of it comes from one snapshot."""

    job: ReportJob
    reading: ReadSession
    scope: Scope
    brand: Brand
    filters: MetricFilters
    used: dict[Metric, None] = field(default_factory=dict)
    """The metrics that were read, in order: their definitions are part of the report."""
    left_out: dict[str, None] = field(default_factory=dict)
    """Labels of metrics that the report's filters cannot narrow."""
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """The report that is written."""
        return self.job.report

    @property
    def makerspace(self) -> Makerspace:
        """The makerspace of the report."""
        return self.scope.makerspace

    @cached_property
    def visibility(self) -> Visibility:
        """What the report's reader may see of people and money."""
        return Visibility(self.report.permissions, self.job.min_group_size)

    def stage(self, stage: str, fraction: float) -> None:
        """Set how far the report is."""
        self.job.progress.stage, self.job.progress.fraction = stage, fraction

    def note(self, *notes: str) -> None:
        """Add notes for the reader, each once."""
        self.notes.update(dict.fromkeys(notes))

    def money_note(self) -> None:
        """Add the note on money, where amounts are hidden."""
        self.note(*money_notes(self.visibility))

    def number(self, metric: Metric, *by: Dimension) -> Number | None:
        """Return a metric, to be broken down `by`; None where it is hidden from the reader or cannot be narrowed."""
        if not self.visibility.shows_metric(metric):
            return None
        where = self.filters.of(metric, *by)
        if where is None:
            self.left_out[metric.label] = None
            return None
        self.used[metric] = None
        scope = replace(self.scope, where=where)
        return self.visibility.number(metric, scope, self.reading.answers.load, is_part=bool(where))

    def numbers(self, metrics: Iterable[Metric], *by: Dimension) -> list[Number]:
        """Return those of the metrics that may be shown."""
        return [number for number in (self.number(metric, *by) for metric in metrics) if number is not None]


@asynccontextmanager
async def open_context(job: ReportJob) -> AsyncIterator[ReportContext]:
    """Open the snapshot that all of a report is read from.

    Raises: NotFound where the makerspace is gone; Invalid for a currency that it never took; Unavailable.
    """
    report = job.report
    async with job.reading() as reading:
        makerspace = await reading.snapshot.makerspace()
        period = report.period(makerspace.calendar)
        scope = Scope(makerspace, period, report.compared_with(makerspace.calendar))
        currency = report.spec.currency
        if currency is not None and currency != makerspace.currency:
            await _check_currency(reading, makerspace, currency)
            scope = replace(scope, asked_currency=currency)
        yield ReportContext(job, reading, scope, await _brand(reading), await resolve_filters(reading, report.filters))


async def _check_currency(reading: ReadSession, makerspace: Makerspace, currency: str) -> None:
    rows = await reading.snapshot.fetch(select_currencies(makerspace.id))
    used = sorted({makerspace.currency, *(row["currency"] for row in rows)})
    if currency not in used:
        raise Invalid(f"No money was taken in this currency. Accepted: {', '.join(used)}.", path=("input", "currency"))


async def _brand(reading: ReadSession) -> Brand:
    own = makerspaces.c
    statement = select(own.name, own.brand_color, own.logo).where(own.id == reading.makerspace_id.value)
    (row,) = await reading.snapshot.fetch(statement)
    return Brand(row["name"], row["brand_color"], row["logo"])
