"""What each metric must be, worked out by Polars from the raw rows of the tables. Knows no SQL of the product.

A metric is the rows of a window and what they add up to; its breakdowns are the same sum over groups of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
from tests.metrics.facts import Facts

from makrcave_analytics.metrics.vocabulary import Dimension, Section

TICK = timedelta(microseconds=1)
Value = Decimal | None
Rows = Callable[[Facts, "Window"], pl.DataFrame]
Total = Callable[[pl.DataFrame], Fraction | int | None]


@dataclass(frozen=True)
class Window:
    """What is asked about: the half-open [since, until) as of now, and the zone whose days count."""

    since: datetime
    until: datetime
    now: datetime
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        return self.since.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The last day it touches."""
        return max(self.first_day, (self.until - TICK).astimezone(self.zone).date())


@dataclass(frozen=True)
class Oracle:
    rows: Rows
    total: Total

    def value(self, facts: Facts, window: Window) -> Value:
        return rounded(self.total(self.rows(facts, window)))

    def parts(self, facts: Facts, window: Window, by: Dimension) -> dict[str | None, Value]:
        """Return the value of every key that is there."""
        groups = self.rows(facts, window).group_by(by.value)
        return {None if key is None else str(key): rounded(self.total(part)) for (key,), part in groups}


def rounded(value: Fraction | int | None) -> Value:
    """Round half-even to 6 places, as the last thing."""
    if value is None:
        return None
    with localcontext(prec=60):
        exact = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
        return exact.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def _events(*conditions: pl.Expr) -> Rows:
    def rows(facts: Facts, window: Window) -> pl.DataFrame:
        at = pl.col("timestamp")
        return facts.events.filter((at >= window.since) & (at < window.until), *conditions)

    return rows


def _present(facts: Facts, window: Window) -> pl.DataFrame:
    """A row for each event of a known person in the window, and each session of theirs that touches it."""
    return facts.presences.filter((pl.col("since") < window.until) & (pl.col("last") >= window.since))


def _members(rows: pl.DataFrame) -> int:
    return rows["MEMBER"].n_unique()


_of_type = pl.col("EVENT_TYPE")

ORACLES: dict[tuple[Section, str], Oracle] = {
    (Section.USAGE, "events"): Oracle(_events(), len),
    (Section.USAGE, "logins"): Oracle(_events(_of_type == "login"), len),
    (Section.USAGE, "activeMembers"): Oracle(_present, _members),
}
