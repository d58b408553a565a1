"""What a metric is: a Measure that one source sums up, a Median of its rows, or a Ratio of two measures.

Knows no metric and no I/O. A declaration reads as the definition of a number; `catalog` holds them, `compiler` makes
SQL of them.
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
"""What a statement sums up: whole seconds, counts, exact money. Rounded by nobody."""

PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """One number of the product, as people read about it."""

    key: str
    section: Section
    label: str
    description: str
    formula: str
    unit: Unit
    better_when: Polarity = Polarity.HIGHER
    is_additive: bool = False
    """Series and breakdowns sum to the total."""
    has_units: bool = False
    """Its parts may be in different units; then there is no total, and they do not add up."""
    is_as_of: bool = False
    """Read as of the end of each span, or now where that is earlier: not counted up over it."""
    counts_people: bool = False
    """Small parts of it could point at somebody: hidden from those who may not see people."""
    dimensions: tuple[Dimension, ...] = ()
    finest: Grain = Grain.HOUR
    finest_days: int | None = None
    """The longest period, in days, that may be asked by `finest`; None: any."""

    @property
    @abstractmethod
    def measures(self) -> tuple["Measure", ...]:
        """What has to be asked for; `combine` takes their values in this order."""

    @abstractmethod
    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the metric's value from its measures', rounded half-even to 6 places; None where undefined."""

    def check_dimension(self, by: Dimension, path: tuple[str, ...] = ("by",)) -> None:
        """Refuse a dimension that the metric does not have; `path` leads to the argument.

        Raises: Invalid, naming those it has.
        """
        if by not in self.dimensions:
            accepted = ", ".join(self.dimensions) or "none"
            raise Invalid(f"{self.key} cannot be broken down by {by}. Accepted: {accepted}.", path=path)


@dataclass(frozen=True, kw_only=True)
class Measure(Metric):
    """A metric that one source sums up."""

    source: Source
    total: Callable[[Any], ColumnElement[Any]]
    """From the columns of the relation's rows to the aggregate: whole numbers, or exact decimals where `is_exact`."""
    is_exact: bool = False
    divisor: int = 1
    """What the aggregate counts of the unit: 3600 where hours are summed in seconds."""

    @property
    def measures(self) -> tuple["Measure", ...]:
        """Itself."""
        return (self,)

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the sum in the metric's unit; nothing counted is 0."""
        (value,) = values
        return divide(value or 0, self.divisor)


@dataclass(frozen=True, kw_only=True)
class Median(Measure):
    """A measure of the middle row, `total` being `middle_twice` of something: over no rows it is undefined, not 0."""

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the middle in the metric's unit; None where there was none."""
        return None if values[0] is None else super().combine(values)


@dataclass(frozen=True, kw_only=True)
class Level(Measure):
    """A measure that stands at a moment: unknown, and not 0, where nothing was kept of that moment."""

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the value in the metric's unit; None where it is unknown."""
        return None if values[0] is None else super().combine(values)


@dataclass(frozen=True, kw_only=True)
class Ratio(Metric):
    """A metric that is one measure over another, of sums: never a mean of ratios."""

    numerator: Measure
    denominator: Measure
    times: int = 1

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Numerator and denominator."""
        return self.numerator, self.denominator

    def combine(self, values: tuple[Raw | None, ...]) -> Decimal | None:
        """Return the ratio; None where the denominator is empty."""
        above, below = values
        if not below:
            return None
        return divide((above or 0) * self.times * self.denominator.divisor, below * self.numerator.divisor)


def middle_twice(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the lower and the upper middle of whole numbers, added up: twice their median, itself whole."""
    half: ColumnElement[Any] = literal_column("0.5")
    lower, upper = (func.percentile_disc(half).within_group(order) for order in (value.asc(), value.desc()))
    return lower + upper


def divide(above: Raw, below: Raw) -> Decimal:
    """Divide exactly, then round half-even to 6 places: the only place where a metric is rounded."""
    if below == 1:
        return Decimal(above)
    return (Decimal(above) / Decimal(below)).quantize(PLACES, ROUND_HALF_EVEN).normalize() + 0
