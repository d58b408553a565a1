"""Resolvers of Viewer."""

import strawberry

from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.errors import NotFound
from makrcave_analytics.resolvers.common.context import Info


def resolve_viewer(info: Info) -> Viewer:
    """Return the viewer."""
    return info.context.viewer


def roles(root: Viewer) -> list[str]:
    """Return the roles that the token names."""
    return list(root.roles)


def permissions(root: Viewer, makerspace_id: strawberry.ID | None = None) -> list[Permission]:
    """Return the permissions in a makerspace; None: in any. A makerspace that the token does not name gives none."""
    try:
        held = root.permissions(None if makerspace_id is None else root.makerspace(makerspace_id))
    except NotFound:
        return []
    return [permission for permission in Permission if permission in held]
