"""Names with a meaning: of event types, project statuses and downtime, and what older senders call them."""

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
"""Known event type → the category that it has where the sender names none. Any other type may be sent with one."""

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
"""The usage types that are no use: planned and unplanned downtime."""

EQUIPMENT_STATUSES = frozenset({"AVAILABLE", "IN_USE", "UNDER_MAINTENANCE", "OFFLINE"})
"""What a machine may be synced as."""
