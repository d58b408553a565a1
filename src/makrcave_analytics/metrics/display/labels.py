"""Labels of dimensions and of their keys."""

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
"""The dimensions with ids as keys, and the kind of entity that has the name."""


def dimension_label(dimension: Dimension) -> str:
    """Return the label of a dimension, as a column heading."""
    return dimension.value.replace("_", " ").capitalize()


def key_label(by: Dimension, key: str) -> str:
    """Return the label of a key that is no id: 14:00, Monday, Equipment reservation."""
    match by:
        case Dimension.HOUR_OF_DAY:
            return f"{int(key):02}:00"
        case Dimension.DAY_OF_WEEK:
            return list(DayOfWeek)[int(key)].capitalize()
        case _:
            return key.replace("_", " ").capitalize()
