"""One document, cold, at each size: against the same statements on a bare connection, SQL on raw rows, and itself
on the smallest size."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg

from benchmarks.data import MAKERSPACE, SCALES, prepared
from benchmarks.measure import Row, Step, medians
from benchmarks.probe import Probe, replay
from makrcave_analytics.db import Database

PRESETS = {"30 days": "LAST_30_DAYS", "12 months": "LAST_12_MONTHS"}
DAYS = {"30 days": timedelta(days=30), "12 months": timedelta(days=365)}
SMALLEST, *_, LARGEST = SCALES
RUNS = 7


@dataclass(frozen=True)
class Subject:
    """A document with its variables for a preset, and SQL on the raw rows for the same figures."""

    suite: str
    document: str
    variables: Callable[[str], dict[str, Any]]
    raw: tuple[str, ...]
    """Statements with the parameters makerspace and interval."""
    faster: float
    """Aim for 12 months at the largest size: how many times faster than raw SQL."""


@dataclass
class Measuring:
    """The connections for one size: our API, a bare one with the reader's role, and the owner's for the raw rows."""

    size: str
    subject: Subject
    probe: Probe
    bare: asyncpg.Connection
    owner: asyncpg.Connection
    rows: list[Row] = field(default_factory=list)

    def raw(self, statements: tuple[str, ...], span: str) -> Step:
        """Make a step that sends statements on the raw rows in turn."""

        async def step() -> None:
            for sql in statements:
                await self.owner.fetch(sql, MAKERSPACE, DAYS[span])

        return step

    async def whole(self, span: str) -> float:
        """Measure the whole document; return our median in milliseconds."""
        subject = self.subject

        async def ours() -> None:
            await self.probe.ask(subject.document, **subject.variables(PRESETS[span]))

        for _ in range(2):  # the first run prepares statements and looks up types
            await ours()
        statements = list(self.probe.statements)
        took, bare = await medians(ours, lambda: replay(self.bare, statements), runs=RUNS)
        inside = sum(seconds for _, _, seconds in self.probe.statements) * 1000
        (raw,) = await medians(self.raw(subject.raw, span), runs=1, warm=1 if self.size == SMALLEST else 0)
        name = f"{span}, {self.size}"
        notes = f"{len(statements)} statements, {inside:.1f} ms waiting for them"
        self.rows.append(Row.at_most(subject.suite, name, took, "same statements, bare asyncpg", bare, 3, notes))
        aim = subject.faster if (span, self.size) == ("12 months", LARGEST) else 1
        self.rows.append(Row.faster(subject.suite, name, took, "SQL on raw rows", raw, aim))
        return took


async def at_each_size(
    owner_url: str, subject: Subject, at_last: Callable[[Measuring], Awaitable[None]] | None = None
) -> list[Row]:
    """Measure a subject at each size, and call `at_last` at the largest."""
    rows: list[Row] = []
    smallest: dict[str, float] = {}
    for size in SCALES:
        url = await prepared(owner_url, size)
        database = Database(url, pool_size=2, statement_seconds=60)
        bare = await asyncpg.connect(url, server_settings={"role": "makrcave_reader"})
        owner = await asyncpg.connect(url)
        measuring = Measuring(size, subject, Probe(database), bare, owner, rows)
        try:
            for span in PRESETS:
                took = await measuring.whole(span)
                smallest.setdefault(span, took)
                if span == "30 days" and size != SMALLEST:
                    rows.append(Row.at_most(subject.suite, f"{span}, {size}", took, SMALLEST, smallest[span], 1.3))
            if size == LARGEST and at_last is not None:
                await at_last(measuring)
        finally:
            await bare.close()
            await owner.close()
            await database.dispose()
    return rows
