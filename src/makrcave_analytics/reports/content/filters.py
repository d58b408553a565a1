"""Filters of a report as filters of metrics, for the metrics that carry the dimension."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.query import Filter
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment, inventory_items

DIMENSIONS = {
    "equipmentIds": Dimension.EQUIPMENT,
    "equipmentCategories": Dimension.EQUIPMENT_CATEGORY,
    "itemIds": Dimension.ITEM,
    "itemCategories": Dimension.ITEM_CATEGORY,
    "eventTypes": Dimension.EVENT_TYPE,
    "revenueSources": Dimension.REVENUE_SOURCE,
}
"""By the names of filters that clients use."""
_MEMBERS = {
    "equipmentCategories": (Dimension.EQUIPMENT, equipment.c.equipment_id),
    "itemCategories": (Dimension.ITEM, inventory_items.c.item_id),
}
"""The things of a category: for facts that carry the thing and no category."""


@dataclass(frozen=True)
class MetricFilters:
    """The filters of a report. Each has alternatives of the same meaning; the first that a metric carries is taken."""

    alternatives: tuple[tuple[Filter, ...], ...] = ()

    def of(self, metric: Metric, *by: Dimension) -> tuple[Filter, ...] | None:
        """Return the filters for a metric broken down `by`; None where the metric carries no alternative of one."""
        chosen: list[Filter] = []
        for alternatives in self.alternatives:
            fitting = (
                one for one in alternatives if _carries(metric, {*by, *(f.dimension for f in chosen), one.dimension})
            )
            found = next(fitting, None)
            if found is None:
                return None
            chosen.append(found)
        return tuple(chosen)


async def resolve_filters(reading: ReadSession, filters: Mapping[str, Sequence[str]] | None) -> MetricFilters:
    """Resolve the filters of a report: the things of its categories are read from the database."""
    made = []
    for name, values in (filters or {}).items():
        alternatives = [Filter(DIMENSIONS[name], frozenset(values))]
        if name in _MEMBERS:
            dimension, key = _MEMBERS[name]
            of_category = select(key.label("key")).where(
                key.table.c.makerspace_id == reading.makerspace_id.value,
                key.table.c.category == any_(literal(list(values), ARRAY(Text))),
            )
            rows = await reading.snapshot.fetch(of_category)
            alternatives.append(Filter(dimension, frozenset(row["key"] for row in rows)))
        made.append(tuple(alternatives))
    return MetricFilters(tuple(made))


def _carries(metric: Metric, needed: set[Dimension]) -> bool:
    return all(any(needed <= relation.dimensions for relation in m.source.relations) for m in metric.measures)
