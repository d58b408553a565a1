"""The input of a table, and the check that turns it into a TableQuestion.

Every check raises Invalid, with the path of the argument and what is accepted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.catalog.registry import CATALOG, section_metrics
from makrcave_analytics.metrics.explore.table import TableQuestion
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import Filter
from makrcave_analytics.metrics.results.number import MAX_TOP
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.period import Grain, Period, check_grain

MAX_DIMENSIONS = 3
MAX_FILTERS = 10
MAX_KEYS = 100
"""Keys of one filter."""
MAX_LENGTH = 100
"""Characters of one key."""
USUAL_TOP = 100

_NO_TEXT = re.compile("[\0\ud800-\udfff]")

T = TypeVar("T")


@dataclass
class FilterInput:
    """Only, or without, what has these keys in a dimension. An empty list narrows nothing."""

    dimension: Dimension
    in_: list[str] | None = None
    not_in: list[str] | None = None


@dataclass
class TableOrder:
    """The metric by which rows are ordered."""

    metric: str
    descending: bool | None = None
    """None: the largest first."""


@dataclass
class TableInput:
    """Metrics of one section by dimensions and a grain. A missing field and a null one are both None."""

    metrics: list[str] = field(default_factory=list)
    by: list[Dimension] | None = None
    grain: Grain | None = None
    where: list[FilterInput] | None = None
    order_by: TableOrder | None = None
    top: int | None = None


def table_as_json(table: TableInput) -> dict[str, Any]:
    """Return the JSON from which `table_from_json` makes the same input."""
    return asdict(table)


def table_from_json(kept: Mapping[str, Any]) -> TableInput:
    """Return the input from the JSON of `table_as_json`."""
    where, order = kept["where"], kept["order_by"]
    return TableInput(
        metrics=kept["metrics"],
        by=[Dimension(by) for by in kept["by"] or ()],
        grain=Grain(kept["grain"]) if kept["grain"] else None,
        where=[FilterInput(**one | {"dimension": Dimension(one["dimension"])}) for one in where or ()],
        order_by=TableOrder(**order) if order else None,
        top=kept["top"],
    )


def check_table(asked: TableInput, period: Period, *path: str) -> TableQuestion:
    """Check an input and return its question. `path` leads to the input and is used in errors."""
    metrics = _metrics(asked.metrics, (*path, "metrics"))
    by = tuple(asked.by or ())
    _check_dimensions(metrics, by, (*path, "by"))
    if asked.grain is not None:
        for metric in metrics:
            check_grain(asked.grain, metric.finest, period, (*path, "grain"), metric.finest_days)
    where = _filters(metrics, asked.where or (), (*path, "where"))
    order, top = asked.order_by, USUAL_TOP if asked.top is None else asked.top
    if order is not None and order.metric not in (keys := [metric.key for metric in metrics]):
        raise Invalid(f"Order by a metric of the table. Accepted: {_listed(keys)}.", path=(*path, "orderBy", "metric"))
    if not 1 <= top <= MAX_TOP:
        raise Invalid(f"top must be from 1 to {MAX_TOP:,}.", path=(*path, "top"))
    return TableQuestion(
        metrics=metrics,
        by=by,
        grain=asked.grain,
        where=where,
        order_by=None if order is None else next(m for m in metrics if m.key == order.metric),
        is_descending=order is None or order.descending is not False,
        top=top,
    )


def _metrics(keys: Sequence[str], path: tuple[str, ...]) -> tuple[Metric, ...]:
    """Return the metrics of the keys, all of one section."""
    if not keys:
        raise Invalid("At least one metric is needed. `metrics` of the API lists them.", path=path)
    _check_repeats(keys, "metric", path)
    of = [{metric.section for metric in CATALOG if metric.key == key} for key in keys]
    if not all(of):
        accepted = _listed(metric.key for metric in CATALOG)
        raise Invalid(f"No such metric: {_shortened(keys[of.index(set())])}. Accepted: {accepted}.", path=path)
    common = set.intersection(*of)
    if not common:
        first = next(section for section in Section if section in of[0])
        accepted = _listed(metric.key for metric in section_metrics(first))
        raise Invalid(f"Metrics of one section only. Accepted with {keys[0]}: {accepted}.", path=path)
    section = next(section for section in Section if section in common)
    by_key = {metric.key: metric for metric in section_metrics(section)}
    return tuple(by_key[key] for key in keys)


def _check_dimensions(metrics: Sequence[Metric], by: Sequence[Dimension], path: tuple[str, ...]) -> None:
    if len(by) > MAX_DIMENSIONS:
        raise Invalid(f"At most {MAX_DIMENSIONS} dimensions are accepted.", path=path)
    _check_repeats(by, "dimension", path)
    for dimension in by:
        for metric in metrics:
            metric.check_dimension(dimension, path)


def _filters(metrics: Sequence[Metric], asked: Sequence[FilterInput], path: tuple[str, ...]) -> tuple[Filter, ...]:
    if len(asked) > MAX_FILTERS:
        raise Invalid(f"At most {MAX_FILTERS} filters are accepted.", path=path)
    found = []
    for place, one in enumerate(asked):
        here = (*path, str(place))
        for metric in metrics:
            metric.check_dimension(one.dimension, (*here, "dimension"))
        if one.in_ is None and one.not_in is None:
            raise Invalid("A filter says in or notIn.", path=here)
        if one.in_:
            found.append(Filter(one.dimension, _keys(one.dimension, one.in_, (*here, "in"))))
        if one.not_in:
            keys = _keys(one.dimension, one.not_in, (*here, "notIn"))
            found.append(Filter(one.dimension, keys, is_excluded=True))
    return tuple(found)


def _keys(dimension: Dimension, keys: Sequence[str], path: tuple[str, ...]) -> frozenset[str | None]:
    if len(keys) > MAX_KEYS:
        raise Invalid(f"{path[-1]} must have at most {MAX_KEYS} keys.", path=path)
    if any(not 0 < len(key) <= MAX_LENGTH or _NO_TEXT.search(key) for key in keys):
        raise Invalid(f"Each key must be text of 1 to {MAX_LENGTH} characters, without NUL.", path=path)
    accepted = dimension.complete_keys
    if accepted is not None and not set(keys) <= set(accepted):
        raise Invalid(f"{dimension} has no such key. Accepted: {_listed(accepted)}.", path=path)
    return frozenset(keys)


def _check_repeats(values: Sequence[T], what: str, path: tuple[str, ...]) -> None:
    if len(set(values)) < len(values):
        twice = next(value for place, value in enumerate(values) if value in values[:place])
        raise Invalid(f"Each {what} is accepted once; {_shortened(str(twice))} is there twice.", path=path)


def _listed(values: object) -> str:
    return ", ".join(dict.fromkeys(values))  # type: ignore[call-overload]


def _shortened(text: str) -> str:
    """Shorten and escape what a client wrote, for an error message."""
    return ascii(text[:MAX_LENGTH])[1:-1]
