"""The kinds of metrics: a Measure that one source sums up, a Median of rows, a Level at a moment, a Ratio of measures.

Knows no metric and no I/O. `catalog` declares the metrics, `compiler` makes SQL of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.source import Source
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

Raw = int | Decimal
"""A value as a statement returns it: whole seconds, counts, exact money; not rounded."""

PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """One number of the product, with its description for people."""

    key: str
    section: Section
    label: str
    description: str
    formula: str
    unit: Unit
    better_when: Polarity = Polarity.HIGHER
    is_additive: bool = False
    """Whether series and breakdowns sum to the total."""
    has_units: bool = False
    """Whether its parts may be in different units. Then they do not add up and there is no total."""
    is_as_of: bool = False
    """Whether it is read as of the end of each span (now, where that is earlier) and not summed over the span."""
    counts_people: bool = False
    """Whether it counts people. Its small parts are hidden from readers who may not see people."""
    dimensions: tuple[Dimension, ...] = ()
    finest: Grain = Grain.HOUR
    finest_days: int | None = None
    """The longest period, in days, for which `finest` is accepted; None: any."""

    @property
    @abstractmethod
    def measures(self) -> tuple["Measure", ...]:
        """The measures that it is computed from; `combine` takes their values in this order."""

    @abstractmethod
    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the value from those of the measures, rounded half-even to 6 places; None where undefined."""

    def check_dimension(self, by: Dimension, path: tuple[str, ...] = ("by",)) -> None:
        """Check that the metric has a dimension; `path` leads to the argument.

        Raises: Invalid, listing the dimensions that it has.
        """
        if by not in self.dimensions:
            accepted = ", ".join(self.dimensions) or "none"
            raise Invalid(f"{self.key} cannot be broken down by {by}. Accepted: {accepted}.", path=path)


@dataclass(frozen=True, kw_only=True)
class Measure(Metric):
    """A metric that one source sums up."""

    source: Source
    total: Callable[[Any], ColumnElement[Any]]
    """From the columns of the relation to the aggregate: whole numbers, or exact decimals where `is_exact`."""
    is_exact: bool = False
    divisor: int = 1
    """The number of aggregated units in one unit of the metric: 3600 where hours are summed in seconds."""

    @property
    def measures(self) -> tuple["Measure", ...]:
        """The measure itself."""
        return (self,)

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the sum in the unit of the metric; 0 where nothing was counted."""
        (value,) = values
        return divide(value or 0, self.divisor)


@dataclass(frozen=True, kw_only=True)
class Median(Measure):
    """A measure of the middle row, with `middle_twice` as its total. Over no rows it is undefined, not 0."""

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the median in the unit of the metric; None over no rows."""
        return None if values[0] is None else super().combine(values)


@dataclass(frozen=True, kw_only=True)
class Level(Measure):
    """A measure as of a moment. It is unknown, not 0, where nothing was kept of that moment."""

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the value in the unit of the metric; None where it is unknown."""
        return None if values[0] is None else super().combine(values)


@dataclass(frozen=True, kw_only=True)
class Ratio(Metric):
    """One measure divided by another. Over several parts it is the ratio of the sums, never a mean of ratios."""

    numerator: Measure
    denominator: Measure
    times: int = 1
    is_share: bool = False
    """A part of a whole: from 0 to `times`, also where refunds make one of both negative."""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The numerator and the denominator."""
        return self.numerator, self.denominator

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the ratio; None where the denominator is absent or 0, for a share also where it is negative."""
        above, below = values
        if not below or (self.is_share and below < 0):
            return None
        ratio = divide((above or 0) * self.times * self.denominator.divisor, below * self.numerator.divisor)
        return min(max(ratio, Decimal(0)), Decimal(self.times)) if self.is_share else ratio


def middle_twice(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the sum of the lower and the upper middle of whole numbers: twice their median, and itself whole."""
    half: ColumnElement[Any] = literal_column("0.5")
    lower, upper = (func.percentile_disc(half).within_group(order) for order in (value.asc(), value.desc()))
    return lower + upper


def divide(above: Raw, below: Raw) -> Decimal:
    """Divide exactly, then round half-even to 6 places. Metrics are rounded nowhere else."""
    if below == 1:
        return Decimal(above)
    return (Decimal(above) / Decimal(below)).quantize(PLACES, ROUND_HALF_EVEN).normalize() + 0
