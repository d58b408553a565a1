"""Metrics: numbers with their series and breakdowns, and the entries of the catalogue."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from makrcave_analytics.metrics.metric import Metric as Declared
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain
from makrcave_analytics.resolvers.metrics import metric
from makrcave_analytics.schema.common.connections import named
from makrcave_analytics.schema.common.fields import attribute, resolved
from makrcave_analytics.schema.common.scalars import Flags, Floats, Instants, Labels


@strawberry.type(
    description="isPartial: cut by the period or still running. previous is of what corresponds to the bucket."
)
class Bucket:
    """A point of a series."""

    start = resolved(metric.bucket_start, "The instant at which it begins.", datetime)
    end = resolved(metric.bucket_end, "The first instant after it.", datetime)
    label = resolved(metric.bucket_label, "For the axis of a chart.", str)
    is_partial = resolved(metric.bucket_is_partial, "Cut by the period, or still running.", bool)
    value = resolved(metric.point_value, "Null where the metric is undefined.", float | None)
    previous = resolved(
        metric.point_previous,
        "Of the part of the compared period that corresponds to the bucket; null where none does.",
        float | None,
    )


@strawberry.type(description="A series as columns, all of one length.")
class Columns:
    """A series as arrays, which is cheap even for long series."""

    grain: Grain = attribute("The grain that was taken.")
    starts: Instants = attribute("The instants at which the buckets begin.")
    labels: Labels = attribute("For the axis of a chart.")
    values: Floats = attribute("Null where the metric is undefined.")
    previous: Floats | None = attribute(
        "Of what corresponds to each bucket; null where nothing does, or nothing is compared."
    )
    is_partial: Flags = attribute("Cut by the period, or still running.")


@strawberry.type(description="A part of a breakdown.")
class Slice:
    """A part of a breakdown."""

    key: strawberry.ID | None = attribute("Null for what names none; hours 0…23, weekdays 0…6 from Monday.")
    label: str = attribute("For people: the name where there is one, else the id.")
    value = resolved(metric.slice_value, "For charts.", float | None)
    decimal = resolved(metric.slice_exact, "The same value, exact.", Decimal | None)
    formatted = resolved(metric.slice_for_people, "For people, in the makerspace's locale.", str)
    share = resolved(
        metric.slice_share,
        "0 to 1, of the positive slices; null for a negative one, and where the metric does not add up.",
        float | None,
    )
    previous = resolved(metric.slice_previous, "The same key in the compared period.", float | None)
    is_other = resolved(metric.slice_is_other, "Whether this is the rest beyond top.", bool)
    series = resolved(
        metric.slice_series,
        "The slice over time, for stacked charts: one statement for all slices of a breakdown.",
        list[Bucket] | None,
    )


@strawberry.type(description="One number and everything a frontend wants to know of it.")
class Metric:
    """A metric and its values in a scope."""

    key = resolved(metric.declared("key"), "The name of its field.", str)
    label = resolved(metric.declared("label"), "For people.", str)
    description = resolved(metric.declared("description"), "What it counts, for people.", str)
    unit = resolved(metric.declared("unit"), "What its value counts.", Unit)
    unit_label = resolved(metric.unit_sign, 'For people: "h", "%", "₹", "kg".', str)
    better_when = resolved(metric.declared("better_when"), "Which way is good: for the colour of a badge.", Polarity)
    value = resolved(
        metric.value,
        "For charts. Null where the metric is undefined (an empty denominator), 0 where nothing was counted. "
        "Percent is 0 to 100.",
        float | None,
    )
    decimal = resolved(metric.exact, "The same value, exact.", Decimal | None)
    formatted = resolved(
        metric.for_people, 'For people, in the makerspace\'s locale: "₹12,34,567.50", "37.5 h", "82.0 %", "—".', str
    )
    previous = resolved(metric.previous, "The value of the compared period.", float | None)
    change = resolved(metric.change, "value − previous; of a percentage, in points.", float | None)
    change_percent = resolved(metric.change_percent, "Null when previous is null, 0 or negative.", float | None)
    series = resolved(
        metric.series,
        "Every bucket of the period up to now, gaps filled: 0 for counts and sums, null for ratios. Default grain: "
        "HOUR up to 2 days (DAY where the metric has no hours), DAY to 92, WEEK to 400, else MONTH.",
        list[Bucket] | None,
    )
    columns = resolved(
        metric.columns,
        "The same series as columns: cheap for long ones, and what chart libraries take.",
        Columns | None,
    )
    breakdown = resolved(
        metric.breakdown,
        "Largest first; what is beyond top is one last slice with isOther, where the metric adds up. HOUR_OF_DAY and "
        "DAY_OF_WEEK come complete and in order, top ignored. At most 1,000.",
        list[Slice] | None,
    )


def fields_of(metrics: Iterable[Declared], through: Callable[[Any], Any] = lambda resolver: resolver) -> list[Any]:
    """Make one field per metric, for a type whose root is a Question. `through` adapts the resolver to another root."""
    return [
        named(m.key, Metric | None if m.unit is Unit.MONEY else Metric, m.description, through(metric.measured(m)))
        for m in metrics
    ]


@strawberry.type(description="The catalogue's entry of a metric.")
class MetricDefinition:
    """An entry of the catalogue."""

    key: str = attribute("The name of its field.")
    section: Section = attribute("The section that has it.")
    label: str = attribute("For people.")
    description: str = attribute("What it counts, for people.")
    unit: Unit = attribute("What its value counts.")
    better_when: Polarity = attribute("Which way is good.")
    formula: str = attribute("How it is computed.")
    is_additive: bool = attribute("Series and breakdowns sum to the total.")
    dimensions: list[Dimension] = attribute("What it can be broken down by.")
