"""Small groups: what could point at single people is hidden from those who may not see people."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from makrcave_analytics.metrics.metric import Measure
from makrcave_analytics.metrics.number import Number, Part, Point, Value
from makrcave_analytics.period import Grain


@dataclass(frozen=True)
class GuardedPart(Part):
    """A slice of people, whose small values are None: nought too, which would tell the others apart."""

    least: int = field(kw_only=True)

    async def series(self, grain: Grain | None = None) -> list[Point]:
        """Return the slice over time without its small buckets; of a ratio, whose groups it does not tell, nothing."""
        points = await super().series(grain)
        if not isinstance(self.number.metric, Measure) or self.value is None:
            return [replace(point, value=None, previous=None) for point in points]
        return [replace(p, value=self._large(p.value), previous=self._large(p.previous)) for p in points]

    def _large(self, value: Value) -> Value:
        return None if value is not None and value < self.least else value


async def guarded(parts: Sequence[Part], least: int) -> list[Part]:
    """Hide values of fewer than `least` people; a single one also with the next, or the total would give it away."""
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


async def _hidden(parts: Sequence[Part], least: int, side: int) -> list[bool]:
    """Say for each part whether its value (side 0) or its previous one (side 1) is hidden."""
    number, by = parts[0].number, parts[0].by
    if isinstance(number.metric, Measure):
        sizes = [(part.previous if side else part.value) or 0 for part in parts]
        hidden = [size < least for size in sizes]
        if sum(hidden) == 1 and len(parts) > 1:
            _, next_ = min((size, place) for place, size in enumerate(sizes) if not hidden[place])
            hidden[next_] = True
        return hidden
    groups = [(await Number(m, number.scope, number.ask).by_key(by))[side] for m in number.metric.measures]
    return [any((group.get(part.key) or 0) < least for group in groups) for part in parts]
