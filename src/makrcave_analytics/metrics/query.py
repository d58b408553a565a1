"""Questions about metrics, as values: what is asked of a source, and what comes back. No SQL, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from makrcave_analytics.metrics.metric import Measure, Raw
from makrcave_analytics.metrics.source import Relation
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Bucket, Grain, Period, Span

Keys = tuple[str | None, ...]
"""One key a dimension asked by; None is what names none."""


class Spans(tuple[Span, ...]):  # noqa: SLOT001 - the hash needs a place
    """Spans to sum up over. Its hash is made once: a year of hours is looked up many times and hashes slowly."""

    def __hash__(self) -> int:
        if (known := self.__dict__.get("hash")) is None:
            known = self.__dict__["hash"] = super().__hash__()
        return int(known)


@dataclass(frozen=True)
class Filter:
    """Only what has one of these keys in a dimension, or, with `is_excluded`, none of them. None is a key too."""

    dimension: Dimension
    keys: frozenset[str | None]
    is_excluded: bool = False


@dataclass(frozen=True)
class MeasureQuery:
    """One measure, summed up over each of some spans, by some dimensions."""

    measure: Measure
    spans: Spans
    by: tuple[Dimension, ...] = ()
    where: tuple[Filter, ...] = ()
    now: datetime | None = None
    """Up to when what still runs counts."""
    currency: str | None = None
    """The one that is asked about, where the source has several."""
    most: int | None = None
    """How many values are read at most, of keys and spans; None: all."""

    def __hash__(self) -> int:
        """Hash once: what each row of a list asks is looked up many times."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.measure, self.spans, self.by, self.where, self.now, self.currency))

    @property
    def needed(self) -> frozenset[Dimension]:
        """The dimensions that a relation must carry to answer it."""
        return frozenset(self.by) | {filter_.dimension for filter_ in self.where}

    @property
    def relation(self) -> Relation:
        """What it is read from."""
        return self.measure.source.relation(self.needed)


@dataclass(frozen=True)
class MeasureResult:
    """What was summed up: by keys, then by the position of the span in the ask, from 0. Absent: nothing was there."""

    values: Mapping[Keys, Mapping[int, Raw]]
    is_cut: bool = False
    """There are more than the ask wanted to be read."""

    @cached_property
    def parts(self) -> Mapping[str | None, "MeasureResult"]:
        """What is said of each key of the first dimension, by the others."""
        parts: dict[str | None, dict[Keys, Mapping[int, Raw]]] = {}
        for (first, *others), values in self.values.items():
            parts.setdefault(first, {})[tuple(others)] = values
        return {first: MeasureResult(values) for first, values in parts.items()}

    def at(self, span: int, keys: Keys = ()) -> Raw | None:
        """Return one value; None where nothing was there to sum up."""
        return self.values.get(keys, {}).get(span)


@dataclass(frozen=True)
class Series:
    """The buckets of a scope by a grain: those of its period, and what each is compared with, by position."""

    grain: Grain
    buckets: tuple[Bucket, ...]
    compared: tuple[Bucket, ...]

    @cached_property
    def spans(self) -> Spans:
        """What is summed up: the buckets, then as many of the compared ones."""
        return Spans(bucket.span for bucket in self.buckets + self.compared)


@dataclass(frozen=True)
class Scope:
    """What numbers are about: a makerspace, a period, what it is compared with, and filters."""

    makerspace: Makerspace
    period: Period
    compared: Period | None = None
    where: tuple[Filter, ...] = ()
    asked_currency: str | None = None
    """Another currency than the makerspace's own."""
    _series: dict[Grain, Series] = field(default_factory=dict, compare=False, repr=False)

    @property
    def currency(self) -> str:
        """The one that all money is in."""
        return self.asked_currency or self.makerspace.currency

    @cached_property
    def totals(self) -> Spans:
        """The period, then, where there is one, what it is compared with."""
        return Spans(period.span() for period in (self.period, self.compared) if period is not None)

    def series(self, grain: Grain) -> Series:
        """Cut the period and what it is compared with by a grain; made once a grain."""
        if grain not in self._series:
            buckets = self.period.buckets(grain)
            compared = self.compared.buckets(grain)[: len(buckets)] if self.compared else ()
            self._series[grain] = Series(grain, buckets, compared)
        return self._series[grain]
