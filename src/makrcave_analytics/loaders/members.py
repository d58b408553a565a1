"""The list of members: which of them, in which order, where a page goes on. SQL only; what is asked is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, tuple_

from makrcave_analytics.loaders.lists import SORTED_BY, contains
from makrcave_analytics.metrics.display.names import Entity, Member, select_rows
from makrcave_analytics.models import members


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
            found = found.where(contains(self._shown(), self.search))
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
