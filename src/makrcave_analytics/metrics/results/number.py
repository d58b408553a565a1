"""Number: the total, series and breakdowns of a metric in a scope. The API, reports and closing figures share it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.metric import Metric, divide
from makrcave_analytics.metrics.query import Filter, Keys, MeasureQuery, MeasureResult, Scope, Series, Spans
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Bucket, Grain, check_grain, default_grain

MAX_TOP = 1000

Value = Decimal | None


@dataclass(frozen=True)
class BucketValue:
    """One bucket of a series; values are None where the metric is undefined or there is no comparison."""

    bucket: Bucket
    value: Value
    previous: Value


@dataclass(frozen=True)
class Slice:
    """One slice of a breakdown; `key` is None for facts without a key, and for the rest (`is_other`)."""

    number: "Number"
    by: Dimension
    shown: tuple[str | None, ...]
    """The keys of all slices of the breakdown, except the rest."""
    key: str | None
    value: Value
    previous: Value
    share: float | None
    """The part of the positive slices, 0 to 1; None for a negative one, and where the metric does not add up."""
    is_other: bool = False

    async def series(self, grain: Grain | None = None) -> list[BucketValue]:
        """Return the slice over time. All slices of a breakdown ask the same question."""
        return await self.number.part_series(self, grain)


@dataclass(frozen=True)
class Number:
    """A metric in a scope; `ask` answers its questions. Methods raise Invalid for an unknown dimension or grain."""

    metric: Metric
    scope: Scope
    ask: Callable[[MeasureQuery], Awaitable[MeasureResult]]
    _asks: dict[Any, list[MeasureQuery]] = field(default_factory=dict, compare=False, repr=False)

    async def total(self) -> Value:
        """Return the value over the whole period."""
        return (await self._sides())[0]

    async def previous(self) -> Value:
        """Return the value over the compared period; None where there is none."""
        return (await self._sides())[1]

    async def change(self) -> Value:
        """Return total − previous; of a percentage, in points."""
        total, previous = await self._sides()
        return None if total is None or previous is None else total - previous

    async def change_percent(self) -> Value:
        """Return the change in percent of `previous`; None where `previous` is None, 0 or negative."""
        total, previous = await self._sides()
        if total is None or previous is None or previous <= 0:
            return None
        return divide((total - previous) * 100, previous)

    async def _sides(self) -> tuple[Value, Value]:
        """Return the values over the period and over the compared one; None where there is none."""
        total, *previous = await self.values(self.scope.totals)
        return total, previous[0] if previous else None

    def cut(self, grain: Grain | None) -> Series:
        """Return the buckets by a grain; None: the default grain of the period."""
        if grain is None:
            grain = default_grain(self.scope.period, self.metric.finest)
        else:
            check_grain(grain, self.metric.finest, self.scope.period, max_hour_days=self.metric.finest_days)
        return self.scope.series(grain)

    async def series(self, grain: Grain | None = None) -> list[BucketValue]:
        """Return every bucket of the period up to now, empty ones too."""
        cut = self.cut(grain)
        return _bucket_values(cut, await self.values(cut.spans))

    async def breakdown(self, by: Dimension, top: int) -> list[Slice]:
        """Return the `top` largest slices, then the rest as one slice where the metric adds up.

        A dimension with complete keys is returned whole and in the order of its keys.
        """
        self.metric.check_dimension(by)
        if not 1 <= top <= MAX_TOP:
            raise Invalid(f"top must be from 1 to {MAX_TOP:,}.", path=("top",))
        (now, before), whole, whole_before = await asyncio.gather(self.by_key(by), self.total(), self.previous())
        keys = by.complete_keys or sorted(now, key=lambda key: _largest_first(key, now[key]))
        shown = tuple(keys if by.complete_keys else keys[:top])
        parts = [(key, now.get(key, self.nothing), before.get(key, self._nothing_before)) for key in shown]
        of = _sum_of_shares(now.values(), whole) if self.metric.is_additive else None
        made = [Slice(self, by, shown, key, value, previous, _share(value, of)) for key, value, previous in parts]
        if self.metric.is_additive and whole is not None and len(keys) > len(shown):
            # The difference to the total: slices are rounded, and thousands of them would not sum to it.
            rest = whole - _sum(part.value for part in made)
            rest_before = None if whole_before is None else whole_before - _sum(part.previous for part in made)
            share = _share(_positive(now[key] for key in keys[top:]) if of != whole else rest, of)
            made.append(Slice(self, by, shown, None, rest, rest_before, share, is_other=True))
        return made

    async def part_series(self, part: Slice, grain: Grain | None) -> list[BucketValue]:
        """Return one slice over time. The rest is the total less all other slices."""
        cut = self.cut(grain)
        only = Filter(part.by, frozenset(part.shown))
        if not part.is_other:
            return _bucket_values(cut, await self.values(cut.spans, (part.by,), (part.key,), only))
        whole, *parts = await asyncio.gather(
            self.values(cut.spans),
            *(self.values(cut.spans, (part.by,), (key,), only) for key in part.shown),
        )
        rest = [None if value is None else value - _sum(others) for value, *others in zip(whole, *parts, strict=True)]
        return _bucket_values(cut, rest)

    async def values(
        self, spans: Spans, by: tuple[Dimension, ...] = (), keys: Keys = (), only: Filter | None = None
    ) -> list[Value]:
        """Return the value of the metric over each span, for one combination of keys."""
        answers = await self._answers(spans, by, only)
        return [self.metric.combine(tuple(a.at(span, keys) for a in answers)) for span in range(len(spans))]

    async def by_key(self, by: Dimension) -> tuple[dict[str | None, Value], dict[str | None, Value]]:
        """Return the values by key, of the period and of the compared one, of keys with facts only."""
        answers = await self._answers(self.scope.totals, (by,), None)
        sides: list[dict[str | None, Value]] = [{}, {}]
        for keys in dict.fromkeys(keys for answer in answers for keys in answer.values):
            for span, side in enumerate(sides[: len(self.scope.totals)]):
                raw = tuple(answer.at(span, keys) for answer in answers)
                if any(value is not None for value in raw):
                    side[keys[0]] = self.metric.combine(raw)
        return sides[0], sides[1]

    def asks(self, spans: Spans, by: tuple[Dimension, ...] = (), only: Filter | None = None) -> list[MeasureQuery]:
        """Return the questions over some spans, one per measure, in the order of the arguments of `combine`."""
        asks = self._asks.get((spans, by, only))
        if asks is None:
            asks = self._asks[spans, by, only] = self._make_asks(spans, by, only)
        return asks

    async def _answers(self, spans: Spans, by: tuple[Dimension, ...], only: Filter | None) -> Sequence[MeasureResult]:
        # All are asked before the first is waited for, so that they share a statement.
        return [await answer for answer in [self.ask(ask) for ask in self.asks(spans, by, only)]]

    def _make_asks(self, spans: Spans, by: tuple[Dimension, ...], only: Filter | None) -> list[MeasureQuery]:
        where = self.scope.where if only is None else (*self.scope.where, only)
        now, currency = self.scope.period.now, self.scope.currency
        return [
            MeasureQuery(measure, spans, by, where, now, currency if measure.source.has_currencies else None)
            for measure in self.metric.measures
        ]

    @property
    def nothing(self) -> Value:
        """The value without any facts: 0 for sums, None for ratios."""
        return self.metric.combine((None,) * len(self.metric.measures))

    @property
    def _nothing_before(self) -> Value:
        return self.nothing if self.scope.compared else None


def _bucket_values(cut: Series, values: Sequence[Value]) -> list[BucketValue]:
    return [
        BucketValue(bucket, values[number], None if previous is None else values[previous])
        for number, (bucket, previous) in enumerate(zip(cut.buckets, cut.previous, strict=True))
    ]


def _largest_first(key: str | None, value: Value) -> tuple[bool, Decimal, bool, str]:
    return value is None, -(value or Decimal(0)), key is None, key or ""


def _sum_of_shares(values: Collection[Value], whole: Value) -> Value:
    """Return what slices have shares of: the whole, or where some are negative the sum of the positive ones."""
    return _positive(values) if any((value or 0) < 0 for value in values) else whole


def _positive(values: Iterable[Value]) -> Decimal:
    return _sum(value for value in values if value is not None and value > 0)


def _share(value: Value, whole: Value) -> float | None:
    return float(value / whole) if value is not None and value >= 0 and whole is not None and whole > 0 else None


def _sum(values: Iterable[Value]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))
