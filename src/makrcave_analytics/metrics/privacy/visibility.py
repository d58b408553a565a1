"""Visibility: what one reader may see of people and money. The only place that turns permissions into that decision."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Forbidden
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.privacy.small_groups import GuardedNumber, guarded
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult, Scope
from makrcave_analytics.metrics.results.number import Number, Slice
from makrcave_analytics.metrics.vocabulary import Dimension, Unit


class Sensitive(StrEnum):
    """A kind of data that needs a permission of its own."""

    PEOPLE = "PEOPLE"
    """Ids and names of people, free text about them, and small groups of them."""
    MONEY = "MONEY"
    """Prices, costs and amounts."""

    @property
    def permission(self) -> Permission:
        """The permission that shows it."""
        return _PERMISSIONS[self]


_PERMISSIONS = {Sensitive.PEOPLE: Permission.READ_PEOPLE, Sensitive.MONEY: Permission.READ_MONEY}


@dataclass(frozen=True)
class Visibility:
    """What a reader with some permissions may see of one makerspace."""

    permissions: frozenset[Permission]
    min_group_size: int
    """The fewest people of a group that is shown to a reader who may not see people; 1 hides none."""

    def shows(self, data: Sensitive) -> bool:
        """Say whether data of a kind is shown."""
        return data.permission in self.permissions

    @property
    def people(self) -> bool:
        """Whether ids and names of people are shown; else their pseudonyms."""
        return self.shows(Sensitive.PEOPLE)

    @property
    def money(self) -> bool:
        """Whether prices, costs and amounts are shown."""
        return self.shows(Sensitive.MONEY)

    @property
    def hides_small_groups(self) -> bool:
        """Whether groups of few people are hidden."""
        return not self.people and self.min_group_size > 1

    def shows_metric(self, metric: Metric) -> bool:
        """Say whether any value of a metric is shown. Single values may still be hidden: see `guards`."""
        return self.money or metric.unit is not Unit.MONEY

    def shows_keys(self, dimension: Dimension) -> bool:
        """Say whether the keys of a dimension are shown as they are; else as pseudonyms."""
        return self.people or not dimension.names_people

    def shows_count(self, people: int) -> bool:
        """Say whether a group of so many people is shown."""
        return self.people or people >= self.min_group_size

    def guards(self, metric: Metric) -> bool:
        """Say whether small parts of a metric are hidden, because it counts people."""
        return self.hides_small_groups and metric.counts_people

    def number(
        self,
        metric: Metric,
        scope: Scope,
        ask: Callable[[MeasureQuery], Awaitable[MeasureResult]],
        *,
        is_part: bool = False,
    ) -> Number:
        """Return a metric in a scope.

        `is_part`: the scope is a part of the makerspace, as one row of a list or what a filter leaves; small groups
        are then hidden in the total too.

        Raises: Forbidden where `shows_metric` says no.
        """
        if not self.shows_metric(metric):
            needed = Sensitive.MONEY.permission
            raise Forbidden(f"The permission {needed} is needed.", permission=needed.value)
        if is_part and self.guards(metric):
            return GuardedNumber(metric, scope, ask, least=self.min_group_size)
        return Number(metric, scope, ask)

    async def slices(self, slices: Sequence[Slice]) -> list[Slice]:
        """Return the slices of a breakdown, without the values of small groups of people."""
        return await guarded(slices, self.min_group_size) if self.hides_small_groups else list(slices)
