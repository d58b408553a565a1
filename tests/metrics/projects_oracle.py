"""The expected values of the project metrics, from the raw rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

import polars as pl
from tests.metrics.equipment_oracle import Share, _hours
from tests.metrics.facts import Facts
from tests.metrics.oracle import Instants, Oracle, Rows, Value, _divided
from tests.metrics.revenue_oracle import MONEY

from makrcave_analytics.metrics.vocabulary import Dimension, Section

_DAY, _MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
_since, _until = pl.col("from"), pl.col("to")
_started, _completed = pl.col("started_at"), pl.col("completed_at")
_ended = pl.min_horizontal("completed_at", "cancelled_at")
_is_over = pl.col("PROJECT_STATUS").is_in(["completed", "cancelled"])
_ran_on = (_ended >= _since).fill_null(~_is_over)
_starts = (_started >= _since) & (_started < _until)


def _projects(condition: pl.Expr) -> Rows:
    def rows(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
        return facts.projects.join(windows, how="cross").filter(condition)

    return rows


@dataclass(frozen=True)
class Middle:
    """The median of days from start to completion; None where none was completed."""

    def values(self, facts: Facts, spans: Sequence[Instants], _: datetime) -> list[Value]:
        return [_middle(self._completed_in(facts, span)) for span in spans]

    def parts(self, facts: Facts, span: Instants, _: datetime, by: Dimension) -> dict[str | None, Value]:
        done = self._completed_in(facts, span)
        return {key: _middle([row for row in done if row[by.value] == key]) for key in {row[by.value] for row in done}}

    def _completed_in(self, facts: Facts, span: Instants) -> list[dict[str, Any]]:
        known = facts.projects.drop_nulls(["started_at", "completed_at"]).rows(named=True)
        return [row for row in known if span[0] <= row["completed_at"] < span[1]]


def _middle(rows: list[dict[str, Any]]) -> Value:
    if not rows:
        return None
    lengths = [Fraction((row["completed_at"] - row["started_at"]) // _MICROSECOND) for row in rows]
    return _divided(median(lengths), _DAY // _MICROSECOND)


_new = _projects(_starts)
_costing = _projects(_starts & pl.col("cost").is_not_null())
PROJECTS: dict[tuple[Section, str], Any] = {
    (Section.PROJECTS, key): oracle
    for key, oracle in {
        "projectsStarted": Oracle(_new, pl.len()),
        "activeProjects": Oracle(_projects((_started < _until) & _ran_on), pl.len()),
        "completedProjects": Oracle(_projects((_completed >= _since) & (_completed < _until)), pl.len()),
        "completionRate": Oracle(_new, (_completed < _until).sum(), pl.len(), times=100),
        "cycleDays": Middle(),
        "totalCost": Oracle(_costing, pl.col("cost").sum(), times=MONEY),
        "averageCost": Oracle(_costing, pl.col("cost").sum(), pl.len(), times=MONEY),
        "bomItems": Oracle(_new, pl.col("items").sum()),
        "externalItemShare": Oracle(_new, pl.col("external").sum(), pl.col("items").sum(), times=100),
        "machineHours": Share(_hours(pl.col("is_use"), pl.col("PROJECT").is_not_null()), unit=Fraction(1, 3600)),
    }.items()
}
