"""The role table: which permissions a role of the token gives in the token's makerspaces."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """What a viewer may do in a makerspace."""

    READ = "READ"
    READ_MONEY = "READ_MONEY"
    READ_PEOPLE = "READ_PEOPLE"
    REPORT = "REPORT"
    RECORD = "RECORD"
    MANAGE = "MANAGE"
    NETWORK = "NETWORK"


class RecordKind(StrEnum):
    """What can be recorded: the words of the claim `record`, which narrows the role service."""

    EVENTS = "events"
    EQUIPMENT = "equipment"
    INVENTORY = "inventory"
    REVENUE = "revenue"
    MEMBERS = "members"
    PROJECTS = "projects"
    MACHINES = "machines"
    ITEMS = "items"
    VOID = "void"


SUPER_ADMIN = "super_admin"
SERVICE = "service"

_ALL = frozenset(Permission)

ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        SUPER_ADMIN: _ALL,
        "admin": _ALL,
        "makerspace_admin": _ALL,
        "makerspace_owner": _ALL,
        "finance": frozenset({Permission.READ, Permission.READ_MONEY, Permission.REPORT}),
        "operations": frozenset({Permission.READ, Permission.READ_PEOPLE, Permission.REPORT}),
        "analyst": frozenset({Permission.READ}),
        SERVICE: frozenset({Permission.RECORD}),
    }
)
"""Roles that are not here give nothing: whoever has only such may record events of their own."""


def normalized(role: str) -> str:
    """Spell hyphens as underscores; upper and lower case stay, and differ."""
    return role.replace("-", "_")


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Add up what the roles give."""
    return frozenset().union(*(ROLES.get(normalized(role), frozenset()) for role in roles))
