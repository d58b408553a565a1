"""Heat maps: the 168 hours of a week."""

import strawberry

from makrcave_analytics.resolvers.metrics import heatmap
from makrcave_analytics.schema.common.fields import attribute, resolved


@strawberry.type(description="value: null where the period has no such hour yet.")
class HourOfWeekCell:
    """An hour of the week."""

    day_of_week: int = attribute("0 is Monday.")
    hour: int = attribute("0 to 23, by the local clock.")
    value = resolved(heatmap.cell_value, "The mean of such an hour in the period.", float | None)
