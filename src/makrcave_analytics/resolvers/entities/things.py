"""Resolvers of the entities that facts name: members, machines, items and projects, as the viewer may see them.

Money and people are hidden here, for every list and section that shows an entity.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from makrcave_analytics.crypto import Keys, display_pseudonym
from makrcave_analytics.metrics.display.format import with_minor_units
from makrcave_analytics.metrics.display.names import (
    Entity,
    Equipment,
    EquipmentStatus,
    InventoryItem,
    Member,
    Named,
    Project,
)
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import local
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.entities import makerspaces

R = TypeVar("R")


@dataclass(frozen=True)
class MakerspaceView:
    """One makerspace's rows as a viewer may see them."""

    reading: ReadSession
    makerspace: Makerspace
    visibility: Visibility
    keys: Keys

    async def show(self, entity: Entity, id_: str | None) -> "Shown[Any] | None":
        """Return the entity that a row names, loaded in one batch with others."""
        return None if id_ is None else Shown(await self.reading.names.load((entity, id_)), self)

    async def person_id(self, user_id: str | None) -> str | None:
        """Return a person's id, or the pseudonym."""
        if user_id is None or self.visibility.people:
            return user_id
        member = await self.reading.names.load((Entity.MEMBER, user_id))
        return self.pseudonym(member)

    def pseudonym(self, member: Named) -> str:
        """Return a member's pseudonym: the stored one, by which lists are filtered, if there is one."""
        stored = member.pseudonym if isinstance(member, Member) else None
        return stored or self.keys.pseudonym(self.makerspace.id, member.id)


@dataclass(frozen=True)
class Shown(Generic[R]):
    """A row, and the view that decides what is shown of it."""

    row: R
    view: MakerspaceView

    @property
    def makerspace(self) -> Makerspace:
        """The makerspace of the row."""
        return self.view.makerspace


class OfMakerspace(Protocol):
    """Any object shown from a row of a makerspace."""

    @property
    def row(self) -> Any: ...
    @property
    def makerspace(self) -> Makerspace: ...


async def open_view(info: Info, makerspace_id: str | None) -> MakerspaceView:
    """Return a makerspace's rows as the viewer may see them.

    Raises: what `Viewer.makerspace` raises; NotFound for an unknown makerspace.
    """
    context = info.context
    reading = context.read(makerspace_id)
    visibility = context.visibility(reading.makerspace_id)
    return MakerspaceView(reading, await reading.snapshot.makerspace(), visibility, context.services.keys)


def of_row(attribute: str) -> Callable[[OfMakerspace], Any]:
    """Make the resolver of an attribute of a row; instants get the makerspace's offset."""

    def resolve(root: OfMakerspace) -> Any:
        value = getattr(root.row, attribute)
        return local(value, root.makerspace.calendar.zone) if isinstance(value, datetime) else value

    return resolve


def quantity(attribute: str) -> Callable[[Shown[Any]], float | None]:
    """Make the resolver of a number other than an amount of money."""

    def resolve(root: Shown[Any]) -> float | None:
        value = getattr(root.row, attribute)
        return None if value is None else float(value)

    return resolve


def money(attribute: str) -> Callable[[Shown[Any]], Decimal | None]:
    """Make the resolver of an amount, in the row's currency or else the makerspace's.

    None where the viewer may not see money.
    """

    def resolve(root: Shown[Any]) -> Decimal | None:
        amount: Decimal | None = getattr(root.row, attribute)
        if amount is None or not root.view.visibility.money:
            return None
        return with_minor_units(amount, getattr(root.row, "currency", root.makerspace.currency))

    return resolve


def named(entity: Entity, attribute: str) -> Callable[[Shown[Any]], Awaitable[Shown[Any] | None]]:
    """Make the resolver of the entity that a row names by an id attribute."""

    async def resolve(root: Shown[Any]) -> Shown[Any] | None:
        return await root.view.show(entity, getattr(root.row, attribute))

    return resolve


def person(attribute: str) -> Callable[[Shown[Any]], Awaitable[str | None]]:
    """Make the resolver of a person's id in a row, or of the pseudonym."""

    async def resolve(root: Shown[Any]) -> str | None:
        return await root.view.person_id(getattr(root.row, attribute))

    return resolve


def makerspace_id(root: Shown[Any]) -> str:
    """Return the id of an entity's makerspace."""
    return str(root.makerspace.id)


def member_id(root: Shown[Member]) -> str:
    """Return a member's id, or the pseudonym."""
    return root.row.id if root.view.visibility.people else root.view.pseudonym(root.row)


def display_name(root: Shown[Member]) -> str:
    """Return a member's name, or the pseudonym in readable form."""
    return root.row.label if root.view.visibility.people else display_pseudonym(root.view.pseudonym(root.row))


def equipment_status(root: Shown[Equipment]) -> EquipmentStatus:
    """Return the status that was last synced."""
    return EquipmentStatus(root.row.status)


def opening_hours(root: Shown[Equipment]) -> list[makerspaces.OpeningHours]:
    """Return a machine's own opening hours, else the makerspace's."""
    makerspace, own = root.makerspace, root.row.opening_hours
    return makerspaces.opening_hours(makerspace if own is None else replace(makerspace, opening_hours=own))


def item_unit(root: Shown[InventoryItem]) -> str:
    """Return the unit of an item; empty where none was synced."""
    return root.row.unit or ""


async def owner(root: Shown[Project]) -> Shown[Member] | None:
    """Return the owner of a project."""
    return await root.view.show(Entity.MEMBER, root.row.owner_id)
