"""Asks for numbers below GraphQL: a metric, a makerspace, a period, a moment."""

from datetime import date, datetime

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.loaders.reading import Readings
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.number import Number
from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.period import Comparison, DateRange, PeriodPreset, compare, resolve


class Asking:
    """Numbers from one snapshot a makerspace. `first_day` is where ALL_TIME begins."""

    def __init__(self, database: Database) -> None:
        self.readings = Readings(database)

    async def scope(
        self,
        makerspace: MakerspaceId,
        asked: PeriodPreset | tuple[date, date],
        now: datetime,
        compare_to: Comparison | None = None,
        first_day: date | None = None,
    ) -> Scope:
        """Resolve what is asked about, as sections do."""
        found = await self.readings.of(makerspace).snapshot.makerspace()
        period = resolve(DateRange(*asked) if isinstance(asked, tuple) else asked, found.calendar, now, first_day)
        return Scope(found, period, compare(period, compare_to) if compare_to else None)

    def number(self, metric: Metric, makerspace: MakerspaceId, scope: Scope) -> Number:
        """Put a metric in a scope."""
        return Number(metric, scope, self.readings.of(makerspace).answers.load)

    def statements(self, makerspace: MakerspaceId) -> int:
        """Return how many statements the makerspace's snapshot has sent."""
        return self.readings.of(makerspace).snapshot.statements

    async def close(self) -> None:
        await self.readings.close()
