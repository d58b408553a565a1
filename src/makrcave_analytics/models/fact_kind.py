"""The kinds of facts that are kept."""

from enum import StrEnum


class FactKind(StrEnum):
    """What facts are of; each kind has ids of its own."""

    EVENT = "EVENT"
    EQUIPMENT_USAGE = "EQUIPMENT_USAGE"
    INVENTORY_USAGE = "INVENTORY_USAGE"
    REVENUE = "REVENUE"
