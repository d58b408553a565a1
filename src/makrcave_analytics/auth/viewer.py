"""Viewer: the person or system that makes a request, and its permissions. Mints the ids of makerspaces."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from makrcave_analytics.auth.makerspace import MakerspaceId, mint, no_such_makerspace, parse_uuid
from makrcave_analytics.auth.roles import (
    ROLES,
    SERVICE,
    SUPER_ADMIN,
    Permission,
    RecordKind,
    normalized,
    permissions_of,
)
from makrcave_analytics.errors import Forbidden, Invalid
from makrcave_analytics.telemetry import logger

log = logger("auth")

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordingRight:
    """The right to record one kind of fact in one makerspace."""

    makerspace: MakerspaceId
    only_user: str | None
    """The only userId that facts may name; None: any."""
    default_user: str | None
    """The userId of facts that name none: the person who sends them; None for a service."""


@dataclass(frozen=True)
class Viewer:
    """The person or system that makes a request. Immutable; valid before `expires_at`, exclusive."""

    user_id: str
    roles: tuple[str, ...]
    makerspaces: frozenset[UUID]
    """The makerspaces in the token; a super_admin and the system can access all others too."""
    expires_at: datetime
    record_kinds: frozenset[RecordKind] = frozenset(RecordKind)
    """The kinds that the role service may record."""
    granted: frozenset[Permission] | None = None
    """Permissions instead of those of the roles: a report keeps the permissions of its request."""
    is_system: bool = field(default=False, kw_only=True)

    @staticmethod
    def system(reason: str) -> "Viewer":
        """Return the viewer of the worker and the command line. `reason` goes to the log."""
        log.debug("acting as the system", reason=reason)
        return Viewer("system", (), frozenset(), _NEVER, granted=frozenset(Permission), is_system=True)

    @staticmethod
    def acting_for(user_id: str, makerspace: MakerspaceId, permissions: Iterable[Permission], reason: str) -> "Viewer":
        """Return the viewer of queued work: the person's permissions at the time of the request, in one makerspace."""
        log.debug("acting for a person", reason=reason, makerspace_id=str(makerspace))
        return Viewer(user_id, (), frozenset({makerspace.value}), _NEVER, granted=frozenset(permissions))

    @cached_property
    def is_super_admin(self) -> bool:
        """Whether the viewer may access every makerspace and create new ones; also true for the system."""
        return self.is_system or SUPER_ADMIN in map(normalized, self.roles)

    @cached_property
    def _permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles) if self.granted is None else self.granted

    def permissions(self, makerspace: UUID | MakerspaceId | None = None) -> frozenset[Permission]:
        """Return the permissions in a makerspace; None: those held in at least one."""
        value = makerspace.value if isinstance(makerspace, MakerspaceId) else makerspace
        inside = bool(self.makerspaces) if value is None else value in self.makerspaces
        return self._permissions if inside or self.is_super_admin else frozenset()

    def makerspace(self, raw: str | UUID | None, *needs: Permission) -> MakerspaceId:
        """Mint the makerspace of a request; None: the only one in the token.

        The transaction finds out whether it exists, and raises the same NotFound if not.

        Raises:
            Invalid: none is given and the token does not name exactly one.
            NotFound: malformed, unknown or foreign.
            Forbidden: the token names it but a permission is missing.
        """
        value = self._only_makerspace() if raw is None else parse_uuid(raw)
        if value is None or not (self.is_super_admin or value in self.makerspaces):
            raise no_such_makerspace()
        self.require(*needs)
        return mint(value)

    def require(self, *needs: Permission) -> None:
        """Check that every permission is held in at least one makerspace.

        Raises:
            Forbidden: with the first missing permission.
        """
        missing = next((need for need in needs if need not in self.permissions()), None)
        if missing is not None:
            raise Forbidden(f"The permission {missing} is needed.", permission=missing.value)

    def require_super_admin(self) -> None:
        """Check that the viewer is a super_admin.

        Raises:
            Forbidden: it is not.
        """
        if not self.is_super_admin:
            raise Forbidden("Only a super_admin may do this.")

    def reach(self, *needs: Permission) -> frozenset[MakerspaceId] | None:
        """Mint every makerspace where all of `needs` are held; None: all makerspaces."""
        if self.is_super_admin:
            return None
        return frozenset(mint(m) for m in self.makerspaces if self.permissions(m).issuperset(needs))

    def may_record(self, kind: RecordKind) -> bool:
        """Return whether the viewer may record this kind, about any person, in its makerspaces."""
        if Permission.RECORD not in self.permissions():
            return False
        others = [role for role in self.roles if normalized(role) != SERVICE]
        only_as_service = self.granted is None and Permission.RECORD not in permissions_of(others)
        return not only_as_service or kind in self.record_kinds

    @property
    def records_itself(self) -> bool:
        """Whether this is a plain member, who may only record events about themselves."""
        return self.granted is None and not any(normalized(role) in ROLES for role in self.roles)

    def recorder(self, raw: str | UUID | None, kind: RecordKind) -> RecordingRight:
        """Mint the makerspace to record in, with the people whom the facts may name.

        Raises:
            Invalid, NotFound: as `makerspace` does.
            Forbidden: the role or the claim `record` does not allow this kind.
        """
        makerspace = self.makerspace(raw)
        if self.may_record(kind):
            return RecordingRight(makerspace, None, self.user_id if self._is_person else None)
        if kind is RecordKind.EVENTS and self.records_itself:
            return RecordingRight(makerspace, self.user_id, self.user_id)
        self.require(Permission.RECORD)
        raise Forbidden(f"The token's claim record does not name {kind}.", permission=Permission.RECORD.value)

    @property
    def _is_person(self) -> bool:
        return self.granted is None and SERVICE not in map(normalized, self.roles)

    def _only_makerspace(self) -> UUID:
        if len(self.makerspaces) != 1:
            raise Invalid(
                "makerspaceId is needed: the token does not name exactly one makerspace.",
                path=("makerspaceId",),
            )
        return next(iter(self.makerspaces))
