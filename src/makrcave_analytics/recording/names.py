"""The names of event types: those that give their category, and what older senders call them."""

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
