"""What people read for the keys of a dimension."""

from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import DayOfWeek

OTHER = "Other"
NONE = "None"
ENTITIES = {
    Dimension.MEMBER: Entity.MEMBER,
    Dimension.CUSTOMER: Entity.MEMBER,
    Dimension.EQUIPMENT: Entity.EQUIPMENT,
    Dimension.ITEM: Entity.ITEM,
    Dimension.PROJECT: Entity.PROJECT,
}
"""Dimensions whose keys are ids of what has a name."""


def dimension_label(dimension: Dimension) -> str:
    """Return the name of a dimension, for the head of a column."""
    return dimension.value.replace("_", " ").capitalize()


def key_label(by: Dimension, key: str) -> str:
    """Return what people read for a key that is no id: 14:00, Monday, Equipment reservation."""
    match by:
        case Dimension.HOUR_OF_DAY:
            return f"{int(key):02}:00"
        case Dimension.DAY_OF_WEEK:
            return list(DayOfWeek)[int(key)].capitalize()
        case _:
            return key.replace("_", " ").capitalize()
