"""Questions about metrics and their answers, as values. No SQL, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count

from makrcave_analytics.metrics.metric import Measure, Raw
from makrcave_analytics.metrics.source import Relation
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Bucket, Grain, Period, Span, corresponding

Keys = tuple[str | None, ...]
"""One key per dimension of the question; None stands for facts without one."""


class Spans(tuple[Span, ...]):  # noqa: SLOT001 - the hash needs a place
    """The spans of a question. The hash is computed once: a year of hours is looked up often and hashes slowly."""

    def __hash__(self) -> int:
        if (known := self.__dict__.get("hash")) is None:
            known = self.__dict__["hash"] = super().__hash__()
        return int(known)


@dataclass(frozen=True)
class Filter:
    """Keeps facts with one of these keys in a dimension; with `is_excluded`, those with none of them. None is a key."""

    dimension: Dimension
    keys: frozenset[str | None]
    is_excluded: bool = False


@dataclass(frozen=True)
class MeasureQuery:
    """A question: one measure over each of some spans, by some dimensions."""

    measure: Measure
    spans: Spans
    by: tuple[Dimension, ...] = ()
    where: tuple[Filter, ...] = ()
    now: datetime | None = None
    """The instant up to which anything still running counts."""
    currency: str | None = None
    """The currency of the question, where the source has several."""
    most: int | None = None
    """The most combinations of keys and spans that are read; None: all."""

    def __hash__(self) -> int:
        """Return the hash, computed once: the questions of each row of a list are looked up many times."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.measure, self.spans, self.by, self.where, self.now, self.currency))

    @property
    def needed(self) -> frozenset[Dimension]:
        """The dimensions that a relation must have to answer it."""
        return frozenset(self.by) | {filter_.dimension for filter_ in self.where}

    @property
    def relation(self) -> Relation:
        """The relation that answers it."""
        return self.measure.source.relation(self.needed)


@dataclass(frozen=True)
class MeasureResult:
    """The answer: values by keys, then by the position of the span in the question, from 0. Absent: no facts."""

    values: Mapping[Keys, Mapping[int, Raw]]
    is_cut: bool = False
    """Whether there are more values than the `most` of the question."""

    @cached_property
    def parts(self) -> Mapping[str | None, "MeasureResult"]:
        """The result for each key of the first dimension, by the other dimensions."""
        parts: dict[str | None, dict[Keys, Mapping[int, Raw]]] = {}
        for (first, *others), values in self.values.items():
            parts.setdefault(first, {})[tuple(others)] = values
        return {first: MeasureResult(values) for first, values in parts.items()}

    def at(self, span: int, keys: Keys = ()) -> Raw | None:
        """Return one value; None where there were no facts."""
        return self.values.get(keys, {}).get(span)


@dataclass(frozen=True)
class Series:
    """The buckets of a scope by a grain, and the span that each is compared with."""

    grain: Grain
    buckets: tuple[Bucket, ...]
    compared: tuple[Span | None, ...]
    """As many as buckets; None where nothing corresponds to one."""

    @cached_property
    def spans(self) -> Spans:
        """What is summed up: the buckets, then the compared spans that there are."""
        return Spans((*(bucket.span for bucket in self.buckets), *(span for span in self.compared if span is not None)))

    @cached_property
    def previous(self) -> tuple[int | None, ...]:
        """The position in `spans` of what each bucket is compared with."""
        places = count(len(self.buckets))
        return tuple(None if span is None else next(places) for span in self.compared)


@dataclass(frozen=True)
class Scope:
    """What numbers are about: a makerspace, a period, a compared period and filters."""

    makerspace: Makerspace
    period: Period
    compared: Period | None = None
    where: tuple[Filter, ...] = ()
    asked_currency: str | None = None
    """A currency other than the makerspace's own."""
    _series: dict[Grain, Series] = field(default_factory=dict, compare=False, repr=False)

    @property
    def currency(self) -> str:
        """The currency of all money."""
        return self.asked_currency or self.makerspace.currency

    @cached_property
    def totals(self) -> Spans:
        """The span of the period, then that of the compared period where there is one."""
        return Spans(period.span() for period in (self.period, self.compared) if period is not None)

    def series(self, grain: Grain) -> Series:
        """Return the period and the compared one cut by a grain; computed once per grain."""
        if grain not in self._series:
            buckets = self.period.buckets(grain)
            self._series[grain] = Series(grain, buckets, self._compared_spans(grain, buckets))
        return self._series[grain]

    def _compared_spans(self, grain: Grain, buckets: tuple[Bucket, ...]) -> tuple[Span | None, ...]:
        if self.compared is None or self.compared.shifts is None:
            return (None,) * len(buckets)
        return corresponding(buckets, self.compared.span(), self.compared.shifts.by(grain))
