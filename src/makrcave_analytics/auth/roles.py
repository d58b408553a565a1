"""The role table: the permissions that a role of a token gives in the token's makerspaces."""

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
    """Kinds of facts and entities that can be recorded. The claim `record` limits the role service to some of them."""

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
"""Other roles give no permission: a viewer with only such roles may record events about themselves."""


def normalized(role: str) -> str:
    """Replace hyphens by underscores; case matters."""
    return role.replace("-", "_")


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return the union of the roles' permissions."""
    return frozenset().union(*(ROLES.get(normalized(role), frozenset()) for role in roles))
