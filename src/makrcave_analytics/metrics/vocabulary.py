"""The enums of metrics: units, polarities, dimensions. Their values are those of the API. Knows no metric."""

from enum import StrEnum

from makrcave_analytics.models.makerspace import Section

__all__ = ["Dimension", "Polarity", "Section", "Unit"]


class Unit(StrEnum):
    """What the value of a metric counts."""

    COUNT = "COUNT"
    HOURS = "HOURS"
    MINUTES = "MINUTES"
    DAYS = "DAYS"
    MONEY = "MONEY"
    PERCENT = "PERCENT"
    QUANTITY = "QUANTITY"
    PER_MEMBER = "PER_MEMBER"
    KWH = "KWH"


class Polarity(StrEnum):
    """Which direction of change is good."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    NEITHER = "NEITHER"


class Dimension(StrEnum):
    """What a metric can be broken down by."""

    EVENT_TYPE = "EVENT_TYPE"
    EVENT_CATEGORY = "EVENT_CATEGORY"
    MEMBER = "MEMBER"
    MEMBER_PLAN = "MEMBER_PLAN"
    HOUR_OF_DAY = "HOUR_OF_DAY"
    DAY_OF_WEEK = "DAY_OF_WEEK"
    EQUIPMENT = "EQUIPMENT"
    EQUIPMENT_CATEGORY = "EQUIPMENT_CATEGORY"
    USAGE_TYPE = "USAGE_TYPE"
    PROJECT = "PROJECT"
    ITEM = "ITEM"
    ITEM_CATEGORY = "ITEM_CATEGORY"
    SUPPLIER_TYPE = "SUPPLIER_TYPE"
    PROJECT_STATUS = "PROJECT_STATUS"
    PROJECT_CATEGORY = "PROJECT_CATEGORY"
    REVENUE_SOURCE = "REVENUE_SOURCE"
    PAYMENT_METHOD = "PAYMENT_METHOD"
    CUSTOMER = "CUSTOMER"

    @property
    def complete_keys(self) -> tuple[str, ...] | None:
        """All its keys in order, where a breakdown lists them all, even those without facts; else None."""
        return _COMPLETE.get(self)

    @property
    def names_people(self) -> bool:
        """Whether its keys are ids of people."""
        return self in (Dimension.MEMBER, Dimension.CUSTOMER)


_COMPLETE = {
    Dimension.HOUR_OF_DAY: tuple(str(hour) for hour in range(24)),
    Dimension.DAY_OF_WEEK: tuple(str(day) for day in range(7)),
}
