"""The kinds of facts."""

from enum import StrEnum


class FactKind(StrEnum):
    """A kind of fact. Each kind has its own ids."""

    EVENT = "EVENT"
    EQUIPMENT_USAGE = "EQUIPMENT_USAGE"
    INVENTORY_USAGE = "INVENTORY_USAGE"
    REVENUE = "REVENUE"
