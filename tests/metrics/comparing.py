"""Asks GraphQL for all that a section's metrics can say, and lists where the oracles say something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.metrics.facts import Facts
from tests.metrics.oracle import ORACLES, Oracle, Value, Window
from tests.plugins.api import Api

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.catalog import section_metrics
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Comparison, DateRange, Grain, PeriodPreset, Span, check_grain, compare, resolve

TOP = 4


@dataclass(frozen=True)
class Question:
    """What is asked of every metric; the grain where the metric has it."""

    asked: PeriodPreset | tuple[date, date]
    now: datetime
    compare_to: Comparison | None
    grain: Grain

    def __str__(self) -> str:
        asked = self.asked if isinstance(self.asked, PeriodPreset) else "..".join(map(str, self.asked))
        return f"{asked} at {self.now:%m-%d %H:%M}, {self.compare_to}, by {self.grain}"

    @property
    def arguments(self) -> str:
        """As GraphQL."""
        if isinstance(self.asked, PeriodPreset):
            period = f"{{preset: {self.asked}}}"
        else:
            period = f'{{range: {{startDate: "{self.asked[0]}", endDate: "{self.asked[1]}"}}}}'
        return f"period: {period}, compareTo: {self.compare_to or 'null'}"

    def scope(self, makerspace: Makerspace, first_day: date | None) -> Scope:
        """What it is about."""
        asked = self.asked if isinstance(self.asked, PeriodPreset) else DateRange(*self.asked)
        period = resolve(asked, makerspace.calendar, self.now, first_day)
        return Scope(makerspace, period, compare(period, self.compare_to) if self.compare_to else None)


async def differences(
    api: Api, makerspace_id: MakerspaceId, facts: Facts, question: Question, section: Section = Section.USAGE
) -> list[str]:
    """Return a line for each answer that is not the oracle's; none where all agree."""
    reading = api.services.database
    async with reading.read(makerspace_id) as connection:
        makerspace = await _makerspace(connection, makerspace_id)
    scope = question.scope(makerspace, facts.first_day)
    api.now = question.now
    metrics = section_metrics(section)
    fields = "\n".join(_fields(metric, _grain(metric, question.grain, scope)) for metric in metrics)
    document = f"{{ {section.lower()}({question.arguments}) {{ {fields} }} }}"
    answer = (await api.ask(document, makerspace_id))[section.lower()]
    return [
        f"{metric.key} {line}"
        for metric in metrics
        for line in _Comparing(metric, ORACLES[section, metric.key], facts, scope).lines(answer[metric.key], question)
    ]
