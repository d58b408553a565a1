"""Fields of the equipment section besides its metrics."""

from makrcave_analytics.metrics.catalog.equipment import used_hours
from makrcave_analytics.resolvers.metrics import equipment, heatmap
from makrcave_analytics.schema.common.connections import named
from makrcave_analytics.schema.metrics import machines
from makrcave_analytics.schema.metrics.heatmap import HourOfWeekCell

meta = equipment.meta

FIELDS = (
    named(
        "heatmap",
        list[HourOfWeekCell] | None,
        "Mean used hours per such hour of the week; 168 cells, Monday 0 h first.",
        heatmap.resolve_heatmap(used_hours),
    ),
    machines.FIELD,
)
