"""Lists of stored rows: which rows, in which order, and where a page goes on. SQL only; what is asked is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from makrcave_analytics.metrics.names import Entity, Member, select_rows
from makrcave_analytics.models import members, usage_events

SORTED_BY = 100
"""Characters of a name that decide where it stands: a cursor holds them."""


@dataclass(frozen=True)
class UsageEvent:
    """A stored event."""

    id: UUID
    user_id: str | None
    event_type: str
    event_category: str
    equipment_id: str | None
    item_id: str | None
    project_id: str | None
    metadata: Any
    timestamp: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class EventsAsked:
    """Which events of a makerspace: of the half-open [since, until), and each of the others that is given."""

    since: datetime | None = None
    until: datetime | None = None
    event_types: tuple[str, ...] = ()
    event_categories: tuple[str, ...] = ()
    user_id: str | None = None
    pseudonym: str | None = None
    equipment_id: str | None = None
    project_id: str | None = None

    def select(self, makerspace_id: UUID) -> Select[Any]:
        """Select them, without an order. Voided ones are never among them."""
        event = usage_events.c
        said = {
            event.user_id: self.user_id,
            event.equipment_id: self.equipment_id,
            event.project_id: self.project_id,
        }
        conditions: list[ColumnElement[bool]] = [column == value for column, value in said.items() if value is not None]
        if self.since is not None:
            conditions.append(event.timestamp >= self.since)
        if self.until is not None:
            conditions.append(event.timestamp < self.until)
        for column, words in ((event.event_type, self.event_types), (event.event_category, self.event_categories)):
            if words:
                conditions.append(column == any_(literal(list(words), ARRAY(Text))))
        if self.pseudonym is not None:
            conditions.append(event.user_id == _person(makerspace_id, self.pseudonym))
        columns = [event[name] for name in UsageEvent.__dataclass_fields__]
        return select(*columns).where(event.makerspace_id == makerspace_id, event.voided_at.is_(None), *conditions)


def latest_first(events: Select[Any], after: tuple[datetime, UUID] | None) -> Select[Any]:
    """Put events in order, the latest first, those of one instant by id; `after` is where the last page ended."""
    place = tuple_(usage_events.c.timestamp, usage_events.c.id)
    if after is not None:
        events = events.where(place < tuple_(*after))
    return events.order_by(usage_events.c.timestamp.desc(), usage_events.c.id.desc())


@dataclass(frozen=True)
class MembersAsked:
    """Which members of a makerspace, and whether by name and id, or by pseudonym: then no name decides anything."""

    shows_people: bool
    search: str | None = None
    """A part of what is shown of them, in any case."""
    plan: str | None = None

    def select(self, makerspace_id: UUID) -> Select[Any]:
        """Select them, without an order."""
        found = select_rows(Entity.MEMBER, makerspace_id)
        if self.plan is not None:
            found = found.where(members.c.plan == self.plan)
        if self.search is not None:
            part = func.lower(literal(self.search, Text))
            found = found.where(func.strpos(func.lower(self._shown()), part) > 0)
        return found

    def in_order(self, found: Select[Any], after: Sequence[str] | None) -> Select[Any]:
        """Put members in order, by what is shown of them; `after` is where the last page ended."""
        columns = (func.left(_LABEL, SORTED_BY), members.c.user_id) if self.shows_people else (members.c.pseudonym,)
        if after is not None:
            found = found.where(tuple_(*columns) > tuple_(*after))
        return found.order_by(*columns)

    def place(self, member: Member) -> Sequence[str]:
        """Return where a member stands in that order. Cursors can be read: without people, no id is in it."""
        return (member.label[:SORTED_BY], member.id) if self.shows_people else (str(member.pseudonym),)

    def _shown(self) -> ColumnElement[str]:
        """What is searched, each part on a line of its own."""
        if self.shows_people:
            return func.concat_ws("\n", members.c.display_name, members.c.user_id)
        letters = (func.substr(members.c.pseudonym, 3, 4), func.substr(members.c.pseudonym, 7, 4))
        return func.concat_ws("\n", members.c.pseudonym, func.concat("Member ", letters[0], "-", letters[1]))


_LABEL = func.coalesce(func.nullif(members.c.display_name, ""), members.c.user_id)


def _person(makerspace_id: UUID, pseudonym: str) -> Any:
    """Whom a pseudonym stands for; looked up once, before the events are."""
    known = select(members.c.user_id).where(members.c.makerspace_id == makerspace_id, members.c.pseudonym == pseudonym)
    return known.limit(1).scalar_subquery()
