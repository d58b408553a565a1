"""Asks GraphQL for every value of a metric and lists the differences from its oracle."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from tests.metrics.facts import Facts
from tests.metrics.oracle import Oracle, Value
from tests.metrics.oracles import ORACLES
from tests.plugins.api import Api

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.execution.snapshot import MakerspaceSnapshot
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import Scope, Series, Spans
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Comparison, DateRange, Grain, PeriodPreset, Span, check_grain, compare, resolve

TOP = 4
AT_ONCE = 4


@dataclass(frozen=True)
class Question:
    """A question about a metric. A grain that the metric lacks is replaced by the default one."""

    asked: PeriodPreset | tuple[date, date]
    now: datetime
    compare_to: Comparison | None
    grain: Grain

    def __str__(self) -> str:
        asked = self.asked if isinstance(self.asked, PeriodPreset) else "..".join(map(str, self.asked))
        return f"{asked} at {self.now:%m-%d %H:%M}, {self.compare_to}, by {self.grain}"

    @property
    def arguments(self) -> str:
        """The arguments of the field in GraphQL."""
        if isinstance(self.asked, PeriodPreset):
            period = f"{{preset: {self.asked}}}"
        else:
            period = f'{{range: {{startDate: "{self.asked[0]}", endDate: "{self.asked[1]}"}}}}'
        return f"period: {period}, compareTo: {self.compare_to or 'null'}"

    def scope(self, makerspace: Makerspace, first_day: date | None) -> Scope:
        """Return the scope of the question."""
        asked = self.asked if isinstance(self.asked, PeriodPreset) else DateRange(*self.asked)
        period = resolve(asked, makerspace.calendar, self.now, first_day)
        return Scope(makerspace, period, compare(period, self.compare_to) if self.compare_to else None)


class Comparing:
    """Compares the answers about one makerspace with its raw rows."""

    def __init__(self, api: Api, makerspace_id: MakerspaceId, makerspace: Makerspace, facts: Facts) -> None:
        self._api, self._id, self._makerspace, self._facts = api, makerspace_id, makerspace, facts

    @classmethod
    async def of(cls, api: Api, makerspace_id: MakerspaceId, facts: Facts) -> "Comparing":
        snapshot = MakerspaceSnapshot(api.services.database, makerspace_id)
        try:
            return cls(api, makerspace_id, await snapshot.makerspace(), facts)
        finally:
            await snapshot.close()

    async def differences(self, metrics: Sequence[Metric], question: Question) -> list[str]:
        """Return a line for each answer that differs from the oracle."""
        self._api.now = question.now
        scope = question.scope(self._makerspace, self._facts.first_day)
        found = []
        # A few at a time, and compared once they are answered: an answer that takes 5 seconds is given up.
        for few in (metrics[start : start + AT_ONCE] for start in range(0, len(metrics), AT_ONCE)):
            answers = await asyncio.gather(*(self._ask(metric, question, scope) for metric in few))
            for metric, answer in zip(few, answers, strict=True):
                found += self._of_metric(metric, answer, question, scope)
        return found

    async def _ask(self, metric: Metric, question: Question, scope: Scope) -> Any:
        section = metric.section.lower()
        fields = _fields(metric, _grain(metric, question.grain, scope))
        document = f"{{ {section}({question.arguments}) {{ {metric.key} {{ {fields} }} }} }}"
        return (await self._api.ask(document, self._id))[section][metric.key]

    def _of_metric(self, metric: Metric, answer: Any, question: Question, scope: Scope) -> list[str]:
        expected = _Expected(metric, scope, self._facts)
        return [
            f"{metric.key} {what}: answered {said!r}, the rows say {meant!r}"
            for what, said, meant in expected.compare(answer, _grain(metric, question.grain, scope))
            if said != meant
        ]


@dataclass(frozen=True)
class _Expected:
    metric: Metric
    scope: Scope
    facts: Facts

    def compare(self, answer: Any, grain: Grain | None) -> Iterator[tuple[str, Any, Any]]:
        """Yield (name, answered, expected) for each value of an answer."""
        total, before = [*map(_float, self._values(self.scope.totals)), None][:2]
        said = answer["decimal"]
        yield "total", None if said is None else float(said), total
        yield "value", answer["value"], total
        yield "previous", answer["previous"], before
        if grain is not None:
            yield from self._series(self.scope.series(grain), answer["series"])
        for by in self.metric.dimensions:
            yield from self._parts(by, answer[by.value], total)

    def _series(self, cut: Series, points: Any) -> Iterator[tuple[str, Any, Any]]:
        values = list(map(_float, self._values(cut.spans)))
        count = len(cut.buckets)
        previous = [None if place is None else values[place] for place in cut.previous]
        yield "buckets", len(points), count
        for point, bucket, value, before in zip(points, cut.buckets, values, previous, strict=False):
            yield f"start {bucket.start}", datetime.fromisoformat(point["start"]), bucket.start
            yield f"end {bucket.start}", datetime.fromisoformat(point["end"]), bucket.end
            yield f"at {bucket.start}", point["value"], value
            yield f"before {bucket.start}", point["previous"], before

    def _parts(self, by: Dimension, slices: Any, total: float | None) -> Iterator[tuple[str, Any, Any]]:
        now, *then = (self._oracle.parts(self.facts, _instants(span), self._now, by) for span in self.scope.totals)
        shown = [part for part in slices if not part["isOther"]]
        keys = by.complete_keys or sorted(now, key=lambda key: (-(now[key] or 0), key is None, key or ""))[:TOP]
        yield f"keys of {by}", [part["key"] for part in shown], list(keys)
        nothing = self.metric.combine((None,) * len(self.metric.measures))
        for part in shown:
            before = _float(then[0].get(part["key"], nothing)) if then else None
            yield f"{by} {part['key']}", part["value"], _float(now.get(part["key"], nothing))
            yield f"{by} {part['key']} before", part["previous"], before
        if self.metric.is_additive and total is not None:
            # Each part is rounded by itself; laws compare the integers.
            yield f"{by} in all", sum(part["value"] for part in slices), pytest.approx(total, abs=len(slices) * 1e-6)
            yield f"rest of {by}", len(slices) - len(shown), int(len(now) > TOP and by.complete_keys is None)

    def _values(self, spans: Spans) -> list[Value]:
        return self._oracle.values(self.facts, [_instants(span) for span in spans], self._now)

    @property
    def _oracle(self) -> Oracle:
        return ORACLES[self.metric.section, self.metric.key]

    @property
    def _now(self) -> datetime:
        return self.scope.period.now


def _instants(span: Span) -> tuple[datetime, datetime]:
    return span.since, span.until


def _fields(metric: Metric, grain: Grain | None) -> str:
    series = f"series(grain: {grain}) {{ start end value previous }}" if grain else ""
    breakdowns = " ".join(
        f"{by}: breakdown(by: {by}, top: {TOP}) {{ key value previous share isOther }}" for by in metric.dimensions
    )
    return f"value decimal previous {series} {breakdowns}"


def _grain(metric: Metric, wanted: Grain, scope: Scope) -> Grain | None:
    """Return the wanted grain, or a coarser one where the metric lacks it."""
    for grain in list(Grain)[wanted.rank :]:
        try:
            check_grain(grain, metric.finest, scope.period, max_hour_days=metric.finest_days)
        except Invalid:
            continue
        return grain
    return None


def _float(value: Value) -> float | None:
    return None if value is None else float(value)
