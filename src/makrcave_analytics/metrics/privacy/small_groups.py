"""Small-group suppression in numbers and breakdowns, for readers who may not see people."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from makrcave_analytics.metrics.metric import Measure
from makrcave_analytics.metrics.privacy.suppression import too_small
from makrcave_analytics.metrics.query import Filter, Keys, Spans
from makrcave_analytics.metrics.results.number import BucketValue, Number, Slice, Value
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain


@dataclass(frozen=True)
class GuardedNumber(Number):
    """A number of people within a part of the makerspace. Values below `least` are None, and 0 too."""

    least: int = field(kw_only=True)

    async def values(
        self, spans: Spans, by: tuple[Dimension, ...] = (), keys: Keys = (), only: Filter | None = None
    ) -> list[Value]:
        """Return the values with None for small ones; of a ratio only None, as the sizes of its groups are unknown."""
        values = await super().values(spans, by, keys, only)
        is_count = isinstance(self.metric, Measure)
        return [value if is_count and value is not None and value >= self.least else None for value in values]


@dataclass(frozen=True)
class GuardedPart(Slice):
    """A slice of people. Buckets below `least` are None, and 0 too, which would otherwise identify the rest."""

    least: int = field(kw_only=True)

    async def series(self, grain: Grain | None = None) -> list[BucketValue]:
        """Return the slice over time with None for small buckets; of a ratio only None, as its groups are unknown."""
        points = await super().series(grain)
        if not isinstance(self.number.metric, Measure) or self.value is None:
            return [replace(point, value=None, previous=None) for point in points]
        return [replace(p, value=self._large(p.value), previous=self._large(p.previous)) for p in points]

    def _large(self, value: Value) -> Value:
        return None if value is not None and value < self.least else value


async def guarded(parts: Sequence[Slice], least: int) -> list[Slice]:
    """Hide the values of slices below `least` people; where only one is hidden, hide the next larger one too.

    Otherwise the total would reveal it.
    """
    if least <= 1 or not parts or not parts[0].number.metric.counts_people:
        return list(parts)
    sides = [await _hidden(parts, least, side) for side in (0, 1)]
    return [
        GuardedPart(
            number=part.number,
            by=part.by,
            shown=part.shown,
            key=part.key,
            value=None if hide else part.value,
            previous=None if hide_before else part.previous,
            share=None if hide else part.share,
            is_other=part.is_other,
            least=least,
        )
        for part, hide, hide_before in zip(parts, *sides, strict=True)
    ]


async def _hidden(parts: Sequence[Slice], least: int, side: int) -> list[bool]:
    """Say for each slice whether its value (side 0) or its previous value (side 1) is hidden."""
    number, by = parts[0].number, parts[0].by
    if isinstance(number.metric, Measure):
        sizes = {(place,): (part.previous if side else part.value) or Decimal(0) for place, part in enumerate(parts)}
        small = too_small(sizes, least)
        return [place in small for place in sizes]
    groups = [(await Number(m, number.scope, number.ask).by_key(by))[side] for m in number.metric.measures]
    return [any((group.get(part.key) or 0) < least for group in groups) for part in parts]
