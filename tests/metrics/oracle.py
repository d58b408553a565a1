"""The expected values of the usage metrics, by Polars from the raw rows. Uses no SQL of the product.

A metric is a selection of rows for each window and an aggregate of them; breakdowns aggregate groups of the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import polars as pl
from tests.metrics.facts import INSTANT, Facts

from makrcave_analytics.metrics.vocabulary import Dimension, Section

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)
Value = Decimal | None
Rows = Callable[[Facts, pl.DataFrame], pl.DataFrame]
Instants = tuple[datetime, datetime]


@dataclass(frozen=True)
class Oracle:
    """`rows` joins raw rows to the windows of `_windows`; the value is above × times ÷ below."""

    rows: Rows
    above: pl.Expr
    below: pl.Expr | None = None
    times: int = 1

    def values(self, facts: Facts, spans: Sequence[Instants], now: datetime) -> list[Value]:
        """Return the value over each of some half-open spans, as of now."""
        found = {span: value for (span, _), value in self._grouped(facts, spans, now, None).items()}
        return [found.get(span, self._nothing) for span in range(len(spans))]

    def parts(self, facts: Facts, span: Instants, now: datetime, by: Dimension) -> dict[str | None, Value]:
        """Return the value of every key with facts in a span."""
        return {key: value for (_, key), value in self._grouped(facts, [span], now, by).items()}

    @property
    def _nothing(self) -> Value:
        return Decimal(0) if self.below is None else None

    def _grouped(
        self, facts: Facts, spans: Sequence[Instants], now: datetime, by: Dimension | None
    ) -> Mapping[tuple[int, str | None], Value]:
        rows = self.rows(facts, _windows(facts, spans, now))
        key = pl.lit(None, pl.String) if by is None else pl.col(by.value).cast(pl.String)
        below = pl.lit(1) if self.below is None else self.below
        sums = rows.group_by("span", key.alias("key")).agg(above=self.above, below=below)
        return {
            (row["span"], row["key"]): _divided(row["above"] * self.times, row["below"])
            for row in sums.iter_rows(named=True)
        }


def _divided(above: int | Decimal, below: int | Decimal) -> Value:
    """Divide exactly, then round half-even to 6 places."""
    if not below:
        return None
    exact = Fraction(above) / Fraction(below)
    with localcontext(prec=80):
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def _windows(facts: Facts, spans: Sequence[Instants], now: datetime) -> pl.DataFrame:
    """Return one row per span: its instants [from, to), the days that it touches, and the day of its end or today."""

    def day(instant: datetime) -> date:
        return instant.astimezone(facts.zone).date()

    rows = [
        (number, since, until, day(since), min(day(until - TICK) if until > since else day(since) - DAY, day(now)),
         day(min(until, now)))
        for number, (since, until) in enumerate(spans)
    ]  # fmt: skip
    schema = {"span": pl.Int64, "from": INSTANT, "to": INSTANT, "first": pl.Date, "last": pl.Date, "as_of": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _events(*conditions: pl.Expr) -> Rows:
    def rows(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
        at = pl.col("timestamp")
        return facts.events.filter(*conditions).join_where(windows, at >= pl.col("from"), at < pl.col("to"))

    return rows


def _present(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per event of a known person in the window, and per session that touches it."""
    return facts.presences.join_where(
        windows, pl.col("began") < pl.col("to"), pl.col("ended") >= pl.col("from")
    ).filter(pl.col("from") < pl.col("to"))


def _visits(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per member and day whose first access or session lies in the window."""
    return facts.visits.join_where(windows, pl.col("at") >= pl.col("from"), pl.col("at") < pl.col("to"))


def _people(*conditions: pl.Expr) -> Rows:
    def rows(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
        return facts.people.join(windows, how="cross").filter(*conditions)

    return rows


def _per_member(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    events = _events()(facts, windows).group_by("span").agg(events=pl.len())
    return events.join(
        _present(facts, windows).group_by("span").agg(members=_members), on="span", how="full", coalesce=True
    )


def _rolling(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per begun day of a window: the members of the day and of the 30 days that end with it."""
    days = (
        windows.filter(pl.col("first") <= pl.col("last")).with_columns(of=pl.date_ranges("first", "last")).explode("of")
    )
    there = facts.presence_days.join_where(
        days,
        pl.col("day") <= pl.col("of"),
        pl.col("day") > pl.col("of").dt.offset_by("-30d"),
        pl.col("at") < pl.col("to"),
    )
    return there.group_by("span", "of").agg(
        of_day=pl.col("MEMBER").filter(pl.col("day") == pl.col("of")).n_unique(), of_month=_members
    )


_type = pl.col("EVENT_TYPE")
_members = pl.col("MEMBER").n_unique()
_joined, _left = pl.col("joined"), pl.col("left")
_was_member = (_joined < pl.col("first")) & (_left >= pl.col("first")).fill_null(value=True)
_leaves = (_left >= pl.col("first")) & (_left <= pl.col("last"))

ORACLES: dict[tuple[Section, str], Oracle] = {
    (Section.USAGE, "events"): Oracle(_events(), pl.len()),
    (Section.USAGE, "logins"): Oracle(_events(_type == "login"), pl.len()),
    (Section.USAGE, "visits"): Oracle(_visits, pl.len()),
    (Section.USAGE, "activeMembers"): Oracle(_present, _members),
    (Section.USAGE, "members"): Oracle(
        _people(_joined <= pl.col("last"), (_left >= pl.col("as_of")).fill_null(value=True)), pl.len()
    ),
    (Section.USAGE, "newMembers"): Oracle(
        _people(pl.col("is_new"), _joined >= pl.col("first"), _joined <= pl.col("last")), pl.len()
    ),
    (Section.USAGE, "lostMembers"): Oracle(_people(_leaves), pl.len()),
    (Section.USAGE, "churnRate"): Oracle(_people(_was_member), _leaves.sum(), pl.len(), times=100),
    (Section.USAGE, "equipmentReservations"): Oracle(_events(_type == "equipment_reservation"), pl.len()),
    (Section.USAGE, "inventoryIssues"): Oracle(_events(_type == "inventory_issue"), pl.len()),
    (Section.USAGE, "projectsCreated"): Oracle(_events(_type == "project_created"), pl.len()),
    (Section.USAGE, "eventsPerMember"): Oracle(_per_member, pl.col("events").sum(), pl.col("members").sum()),
    (Section.USAGE, "stickiness"): Oracle(_rolling, pl.col("of_day").sum(), pl.col("of_month").sum(), times=100),
    (Section.USAGE, "activeDays"): Oracle(_events(), pl.col("day").n_unique()),
}
