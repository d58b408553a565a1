"""From the claims of a verified token to a Viewer: its roles and makerspaces."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from makrcave_analytics.auth.makerspace import parse_uuid
from makrcave_analytics.auth.roles import RecordKind, normalized
from makrcave_analytics.auth.viewer import Viewer

_GROUP = "makerspace:"


def read_viewer(claims: dict[str, Any], audience: str | None) -> Viewer:
    """Make the Viewer. A claim of an unknown shape gives no rights and does not invalidate the token."""
    return Viewer(
        user_id=claims["sub"],
        roles=tuple(sorted({normalized(role) for role in _roles(claims, audience)})),
        makerspaces=frozenset(_makerspaces(claims)),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        record_kinds=_record_kinds(claims),
    )


def _roles(claims: dict[str, Any], audience: str | None) -> Iterator[str]:
    """Yield our roles; roles of other clients in resource_access are ignored."""
    ours = _member(claims.get("resource_access"), audience) if audience is not None else None
    for holder in (claims, claims.get("realm_access"), ours):
        for role in _strings(_member(holder, "roles")):
            if 0 < len(role) <= 100 and role.isprintable():
                yield role


def _makerspaces(claims: dict[str, Any]) -> Iterator[UUID]:
    named = [*_strings(claims.get("makerspace_id")), *_strings(claims.get("makerspace_ids"))]
    # Keycloak writes groups as paths: /makerspace:<id>.
    groups = [group.removeprefix("/") for group in _strings(claims.get("groups"))]
    named += [group.removeprefix(_GROUP) for group in groups if group.startswith(_GROUP)]
    return (value for value in map(parse_uuid, named) if value is not None)


def _record_kinds(claims: dict[str, Any]) -> frozenset[RecordKind]:
    if "record" not in claims:
        return frozenset(RecordKind)
    known = set(RecordKind)
    return frozenset(RecordKind(word) for word in _strings(claims["record"]) if word in known)


def _member(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else None


def _strings(value: Any) -> list[str]:
    """Return a text as a list of one, and of a list only the texts."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
