"""The expected values of the equipment metrics, from the raw rows. Uses no SQL of the product."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import polars as pl
from tests.metrics.facts import Facts
from tests.metrics.machine_facts import DAY, HOUR, INSTANT, Machine, MachineFacts
from tests.metrics.oracle import TICK, Instants, Value, _divided

from makrcave_analytics.metrics.vocabulary import Dimension, Section

Keys = dict[tuple[int, str | None], int]
Sums = Callable[[MachineFacts, pl.DataFrame, datetime, Dimension | None], Keys]
_SECOND = 1_000_000
_length = (pl.col("until") - pl.col("since")).dt.total_microseconds() // _SECOND


@dataclass(frozen=True)
class Share:
    """One sum over another, or over `unit`. Sums contain only keys with facts."""

    above: Sums
    below: Sums | None = None
    unit: Fraction = Fraction(1)

    def values(self, facts: Facts, spans: Sequence[Instants], now: datetime) -> list[Value]:
        if not spans:  # of a period that has not begun
            return []
        above, below = self._sums(facts, spans, now, None)
        return [self._value(above.get((n, None)), below.get((n, None))) for n in range(len(spans))]

    def parts(self, facts: Facts, span: Instants, now: datetime, by: Dimension) -> dict[str | None, Value]:
        above, below = self._sums(facts, [span], now, by)
        return {key[1]: self._value(above.get(key), below.get(key)) for key in above | below}

    def _sums(self, facts: Facts, spans: Sequence[Instants], now: datetime, by: Dimension | None) -> tuple[Keys, Keys]:
        windows = pl.DataFrame(
            [(number, since, _up(until)) for number, (since, until) in enumerate(spans)],
            schema={"span": pl.Int64, "from": INSTANT, "to": INSTANT},
            orient="row",
        )
        above = self.above(facts.machines, windows, now, by)
        return above, {} if self.below is None else self.below(facts.machines, windows, now, by)

    def _value(self, above: int | None, below: int | None) -> Value:
        if self.below is None:
            return _divided((above or 0) * self.unit, 1)
        return _divided((above or 0) * self.unit, below or 0)


def _up(instant: datetime) -> datetime:
    """Round an instant up to its second: a span that ends within a second includes all of it."""
    return (instant + timedelta(microseconds=999_999)).replace(microsecond=0)


def _grouped(rows: pl.DataFrame, by: Dimension | None, value: pl.Expr) -> Keys:
    key = pl.lit(None, pl.String) if by is None else pl.col(by.value).cast(pl.String)
    found = rows.group_by("span", key.alias("key")).agg(value=value)
    return {(row["span"], row["key"]): row["value"] for row in found.iter_rows(named=True) if row["value"] is not None}


def _logs(machines: MachineFacts, now: datetime) -> pl.DataFrame:
    """Return pieces of logs as of now. Open logs end now; a use ends after a day at the latest."""
    start, now_ = pl.col("start"), pl.lit(now.replace(microsecond=0), INSTANT)
    day_after = pl.when("is_use").then(start + timedelta(days=1)).otherwise(now_)
    ended = pl.coalesce("end", pl.max_horizontal(start, pl.min_horizontal(now_, day_after)))
    return machines.log_pieces.with_columns(ended=ended).with_columns(until=pl.min_horizontal("until", "ended"))


def _within(rows: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    near = rows.filter(pl.col("since") < windows["to"].max(), pl.col("until") > windows["from"].min())
    met = near.join_where(windows, pl.col("since") < pl.col("to"), pl.col("until") > pl.col("from"))
    return met.with_columns(since=pl.max_horizontal("since", "from"), until=pl.min_horizontal("until", "to")).filter(
        pl.col("since") < pl.col("until")
    )


def _hours(*conditions: pl.Expr) -> Sums:
    def sums(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
        return _grouped(_within(_logs(machines, now).filter(*conditions), windows), by, _length.sum())

    return sums


def _sessions(value: pl.Expr, *conditions: pl.Expr) -> Sums:
    def sums(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
        begun = _logs(machines, now).filter("is_use", "begins", *conditions)
        met = begun.join_where(windows, pl.col("start") >= pl.col("from"), pl.col("start") < pl.col("to"))
        return _grouped(met, by, value)

    return sums


def _time(**signs: int) -> Sums:
    def sums(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
        times = machines.time_pieces.filter(pl.col("kind").is_in(list(signs)))
        elapsed = times.with_columns(until=pl.min_horizontal("until", pl.lit(now.replace(microsecond=0), INSTANT)))
        return _grouped(
            _within(elapsed, windows), by, (_length * pl.col("kind").replace_strict(signs, default=0)).sum()
        )

    return sums


def _paid(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
    """Return the payments of each window. They have a date and no time, so a partial day counts whole."""
    days = windows.filter(pl.col("from") < pl.col("to")).with_columns(
        first=pl.col("from").dt.convert_time_zone(machines.zone.key).dt.date(),
        last=(pl.col("to") - TICK).dt.convert_time_zone(machines.zone.key).dt.date(),
    )
    met = machines.paid.join_where(days, pl.col("day") >= pl.col("first"), pl.col("day") <= pl.col("last"))
    return _grouped(met, by, pl.col("net").sum())


def _counted(counts: Callable[[MachineFacts, Machine, datetime], int], *, ended: bool) -> Sums:
    """One number per machine in service as of the end of a window; for past windows only where `ended`."""

    def sums(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
        found: Keys = {}
        for number, _, until in windows.iter_rows():
            at = min(until, now)
            began, shown = ((i.astimezone(machines.zone)).date() for i in (at - TICK, at))
            for machine in machines.machines:
                serves = (machine.first or began) <= began and (machine.last or shown) >= shown
                if serves and (ended or (until > now and machine.is_synced)):
                    key = number, None if by is None else machine.category
                    found[key] = found.get(key, 0) + counts(machines, machine, now)
        return found

    return sums


def _known_now(machines: MachineFacts, windows: pl.DataFrame, now: datetime, by: Dimension | None) -> Keys:
    """Return the machines overdue now. The sample has no closing figures, so the past is unknown."""
    return dict.fromkeys(_counted(lambda _, __, ___: 1, ended=False)(machines, windows, now, by), 1)


def _is_overdue(machines: MachineFacts, machine: Machine, now: datetime) -> bool:
    now = now.replace(microsecond=0)
    done = [
        min(log["end_time"] or now, now) for log in machines.of("maintenance", machine.id) if log["start_time"] <= now
    ]
    last = max(done, default=None)
    base = last.astimezone(machines.zone).date() if last else machine.first
    today: date = now.astimezone(machines.zone).date()
    due = [machine.next_on, base + machine.every_days * DAY if base and machine.every_days else None]
    used = timedelta()
    for log in machines.of("use", machine.id):
        end = log["end_time"] or max(log["start_time"], min(now, log["start_time"] + DAY))
        since = log["start_time"] if last is None else max(log["start_time"], last)
        used += max(min(end, now) - since, timedelta())
    reached = machine.every_hours is not None and used >= float(machine.every_hours) * HOUR
    return reached or any(day < today for day in due if day)


_energy = pl.when(pl.col("watt_hours").count() > 0).then(pl.col("watt_hours").sum())
_lasted = ((pl.col("ended") - pl.col("start")).dt.total_microseconds() // _SECOND).sum()
_people = pl.col("MEMBER").n_unique()
_known = pl.col("succeeded").is_not_null()
_used_hours = _hours(pl.col("is_use"))
_bookable = _time(bookable=1)

EQUIPMENT = {
    (Section.EQUIPMENT, key): oracle
    for key, oracle in {
        "usedHours": Share(_used_hours, unit=Fraction(1, 3600)),
        "sessions": Share(_sessions(pl.len())),
        "machineUsers": Share(_sessions(_people, pl.col("MEMBER").is_not_null())),
        "averageSessionMinutes": Share(_sessions(_lasted), _sessions(pl.len()), Fraction(1, 60)),
        "utilization": Share(_time(use=1), _bookable, Fraction(100)),
        "uptime": Share(_time(bookable=1, repair=-1), _bookable, Fraction(100)),
        "maintenanceHours": Share(_hours(~pl.col("is_use")), unit=Fraction(1, 3600)),
        "revenue": Share(_paid, unit=Fraction(1, 10_000)),
        "revenuePerUsedHour": Share(_paid, _used_hours, Fraction(3600, 10_000)),
        "successRate": Share(_sessions(pl.col("succeeded").sum(), _known), _sessions(pl.len(), _known), Fraction(100)),
        "energy": Share(_sessions(_energy), unit=Fraction(1, 1_000_000)),
        "machineCount": Share(_counted(lambda _, __, ___: 1, ended=True)),
        "machinesOverdue": Share(
            _counted(lambda machines, machine, now: int(_is_overdue(machines, machine, now)), ended=False), _known_now
        ),
    }.items()
}
