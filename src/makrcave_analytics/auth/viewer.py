"""Viewer: who asks and with which rights. The door to every makerspace."""

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
    """Whom facts are about that name nobody: the person who sends them; None for a service."""


@dataclass(frozen=True)
class Viewer:
    """Whoever asks, as their token or the system says. Immutable; good until `expires_at`, exclusive."""

    user_id: str
    roles: tuple[str, ...]
    makerspaces: frozenset[UUID]
    """Those that the token names; a super_admin and the system reach all others too."""
    expires_at: datetime
    record_kinds: frozenset[RecordKind] = frozenset(RecordKind)
    """What the role service may record."""
    granted: frozenset[Permission] | None = None
    """Permissions in place of those of the roles: a report keeps the ones that it was asked for with."""
    is_system: bool = field(default=False, kw_only=True)

    @staticmethod
    def system(reason: str) -> "Viewer":
        """Make the viewer that the worker and the command line act as. `reason` goes to the log."""
        log.debug("acting as the system", reason=reason)
        return Viewer("system", (), frozenset(), _NEVER, granted=frozenset(Permission), is_system=True)

    @staticmethod
    def acting_for(user_id: str, makerspace: MakerspaceId, permissions: Iterable[Permission], reason: str) -> "Viewer":
        """Make the viewer of work that somebody left behind: their permissions of then, in that makerspace alone."""
        log.debug("acting for a person", reason=reason, makerspace_id=str(makerspace))
        return Viewer(user_id, (), frozenset({makerspace.value}), _NEVER, granted=frozenset(permissions))

    @cached_property
    def is_super_admin(self) -> bool:
        """Whether every makerspace is open and new ones may be made; of the system too."""
        return self.is_system or SUPER_ADMIN in map(normalized, self.roles)

    @cached_property
    def _permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles) if self.granted is None else self.granted

    def permissions(self, makerspace: UUID | MakerspaceId | None = None) -> frozenset[Permission]:
        """Tell what is allowed in a makerspace; None: what is allowed in at least one."""
        value = makerspace.value if isinstance(makerspace, MakerspaceId) else makerspace
        inside = bool(self.makerspaces) if value is None else value in self.makerspaces
        return self._permissions if inside or self.is_super_admin else frozenset()

    def makerspace(self, raw: str | UUID | None, *needs: Permission) -> MakerspaceId:
        """Mint the makerspace that the request names; None: the only one that the token names.

        Whether it exists is for the transaction to find out, with the same NotFound.

        Raises:
            Invalid: none is named and the token does not name exactly one.
            NotFound: malformed, unknown or foreign.
            Forbidden: the token names it and a permission is missing.
        """
        value = self._only_makerspace() if raw is None else parse_uuid(raw)
        if value is None or not (self.is_super_admin or value in self.makerspaces):
            raise no_such_makerspace()
        self.require(*needs)
        return mint(value)

    def require(self, *needs: Permission) -> None:
        """Do nothing where every permission is held in at least one makerspace.

        Raises:
            Forbidden: naming the first that is missing.
        """
        missing = next((need for need in needs if need not in self.permissions()), None)
        if missing is not None:
            raise Forbidden(f"The permission {missing} is needed.", permission=missing.value)

    def require_super_admin(self) -> None:
        """Do nothing for a super_admin.

        Raises:
            Forbidden: for everybody else.
        """
        if not self.is_super_admin:
            raise Forbidden("Only a super_admin may do this.")

    def reach(self, *needs: Permission) -> frozenset[MakerspaceId] | None:
        """Mint every makerspace where all of `needs` are held; None: all that there are."""
        if self.is_super_admin:
            return None
        return frozenset(mint(m) for m in self.makerspaces if self.permissions(m).issuperset(needs))

    def may_record(self, kind: RecordKind) -> bool:
        """Tell whether facts of this kind, and of anybody, may be recorded in the viewer's makerspaces."""
        if Permission.RECORD not in self.permissions():
            return False
        others = [role for role in self.roles if normalized(role) != SERVICE]
        only_as_service = self.granted is None and Permission.RECORD not in permissions_of(others)
        return not only_as_service or kind in self.record_kinds

    @property
    def records_itself(self) -> bool:
        """Whether this is a plain member, who may record events of their own and nothing else."""
        return self.granted is None and not any(normalized(role) in ROLES for role in self.roles)

    def recorder(self, raw: str | UUID | None, kind: RecordKind) -> RecordingRight:
        """Mint the makerspace to record in, and say for whom.

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
