"""Known event types, project statuses, downtime and equipment statuses, and their older names."""

from types import MappingProxyType

CATEGORIES = MappingProxyType(
    {
        "login": "authentication",
        "logout": "authentication",
        "check_in": "access",
        "check_out": "access",
        "door_access": "access",
        "equipment_reservation": "equipment",
        "inventory_issue": "inventory",
        "project_created": "project",
        "member_joined": "membership",
        "member_left": "membership",
    }
)
"""Known event type → its category, where the sender gives none. Any other type needs a category."""

OLDER = MappingProxyType(
    {
        "equipment_reserved": "equipment_reservation",
        "equipment_booked": "equipment_reservation",
        "inventory_consumed": "inventory_issue",
        "project_creation": "project_created",
        "member_registered": "member_joined",
    }
)
"""Older event type → the one it is recorded as."""

PROJECT_STATUSES = MappingProxyType({"complete": "completed", "in-progress": "in_progress"})
"""Older project status → the one it is kept as."""

DOWNTIME = frozenset({"maintenance", "repair"})
"""Usage types that are planned and unplanned downtime, and not use."""

EQUIPMENT_STATUSES = frozenset({"AVAILABLE", "IN_USE", "UNDER_MAINTENANCE", "OFFLINE"})
"""Statuses of a machine that may be synced."""
