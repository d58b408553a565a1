"""Resolvers of Metric, Bucket, Columns and Slice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from makrcave_analytics.metrics.display.format import exact_value, formatted, unit_label
from makrcave_analytics.metrics.display.labels import OTHER
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.results.number import BucketValue, Number, Slice, Value
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain
from makrcave_analytics.resolvers.metrics.key_labels import Naming, name_keys
from makrcave_analytics.resolvers.metrics.scope import Question


@dataclass(frozen=True)
class MetricField:
    """A metric of a section: its number and the section's question."""

    number: Number
    question: Question

    @property
    def metric(self) -> Metric:
        """The declaration of the metric."""
        return self.number.metric

    def formatted(self, value: Value) -> str:
        """Return a value as text in the makerspace's locale."""
        scope = self.question.scope
        return formatted(value, self.metric.unit, scope.currency, scope.makerspace.locale)

    def exact(self, value: Value) -> Value:
        """Return a value exact, money with the decimals of its currency."""
        return exact_value(value, self.metric.unit, self.question.scope.currency)


@dataclass(frozen=True)
class Columns:
    """A series as columns."""

    grain: Grain
    starts: list[datetime]
    labels: list[str]
    values: list[float | None]
    previous: list[float | None] | None
    is_partial: list[bool]


@dataclass(frozen=True)
class NamedSlice:
    """A slice of a breakdown with its label."""

    measured: MetricField
    part: Slice
    key: str | None
    label: str


def measured(metric: Metric) -> Callable[[Question], MetricField | None]:
    """Make the resolver of a metric's field: None where it is money and the viewer may not see money."""

    def resolve(root: Question) -> MetricField | None:
        return MetricField(root.number(metric), root) if root.visibility.shows_metric(metric) else None

    return resolve


def declared(attribute: str) -> Callable[[MetricField], Any]:
    """Make the resolver of an attribute of the metric's declaration."""

    def resolve(root: MetricField) -> Any:
        return getattr(root.metric, attribute)

    return resolve


def unit_sign(root: MetricField) -> str:
    """Return the sign of the unit: h, %, a currency."""
    scope = root.question.scope
    return unit_label(root.metric.unit, scope.currency, scope.makerspace.locale)


async def value(root: MetricField) -> float | None:
    """Return the total, for charts."""
    return as_float(await root.number.total())


async def exact(root: MetricField) -> Decimal | None:
    """Return the total, exact."""
    return root.exact(await root.number.total())


async def for_people(root: MetricField) -> str:
    """Return the total as text in the makerspace's locale."""
    return root.formatted(await root.number.total())


async def previous(root: MetricField) -> float | None:
    """Return the total of the compared period."""
    return as_float(await root.number.previous())


async def change(root: MetricField) -> float | None:
    """Return total − previous."""
    return as_float(await root.number.change())


async def change_percent(root: MetricField) -> float | None:
    """Return the change in percent."""
    return as_float(await root.number.change_percent())


async def series(root: MetricField, grain: Grain | None = None) -> list[BucketValue]:
    """Return the buckets."""
    return await root.number.series(grain)


async def columns(root: MetricField, grain: Grain | None = None) -> Columns:
    """Return the buckets as columns."""
    points = await root.number.series(grain)
    compared = root.question.scope.compared is not None
    return Columns(
        grain=root.number.cut(grain).grain,
        starts=[point.bucket.start for point in points],
        labels=[point.bucket.label for point in points],
        values=[as_float(point.value) for point in points],
        previous=[as_float(point.previous) for point in points] if compared else None,
        is_partial=[point.bucket.is_partial for point in points],
    )


async def breakdown(root: MetricField, by: Dimension, top: int = 10) -> list[NamedSlice]:
    """Return the slices, named."""
    parts = await root.question.visibility.slices(await root.number.breakdown(by, top))
    naming = await name_keys(root.question, by, (part.key for part in parts))
    return [_slice(root, part, naming) for part in parts]


async def slice_series(root: NamedSlice, grain: Grain | None = None) -> list[BucketValue]:
    """Return a slice over time."""
    return await root.part.series(grain)


def as_float(number: Decimal | None) -> float | None:
    """Return the nearest float."""
    return None if number is None else float(number)


def _slice(root: MetricField, part: Slice, naming: Naming) -> NamedSlice:
    if part.is_other:
        return NamedSlice(root, part, None, OTHER)
    return NamedSlice(root, part, *naming[part.key])


def _of_bucket(attribute: str) -> Callable[[BucketValue], Any]:
    def resolve(root: BucketValue) -> Any:
        return getattr(root.bucket, attribute)

    return resolve


bucket_start = _of_bucket("start")
bucket_end = _of_bucket("end")
bucket_label = _of_bucket("label")
bucket_is_partial = _of_bucket("is_partial")


def point_value(root: BucketValue) -> float | None:
    """Return a bucket's value."""
    return as_float(root.value)


def point_previous(root: BucketValue) -> float | None:
    """Return the value of what corresponds to the bucket in the compared period, or null."""
    return as_float(root.previous)


def slice_value(root: NamedSlice) -> float | None:
    """Return a slice's value."""
    return as_float(root.part.value)


def slice_exact(root: NamedSlice) -> Decimal | None:
    """Return a slice's value, exact."""
    return root.measured.exact(root.part.value)


def slice_for_people(root: NamedSlice) -> str:
    """Return a slice's value as text in the makerspace's locale."""
    return root.measured.formatted(root.part.value)


def slice_share(root: NamedSlice) -> float | None:
    """Return a slice's share of the whole."""
    return root.part.share


def slice_previous(root: NamedSlice) -> float | None:
    """Return the value of the same key in the compared period."""
    return as_float(root.part.previous)


def slice_is_other(root: NamedSlice) -> bool:
    """True for the slice that holds the rest."""
    return root.part.is_other
