"""The list of members: which members, in which order, and where a page goes on. SQL only."""

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
    """The members of a makerspace that meet all conditions that are given.

    Without `shows_people` they are searched and sorted by pseudonym, and names have no influence.
    """

    shows_people: bool
    search: str | None = None
    """Part of what is shown of a member, in any letter case."""
    plan: str | None = None

    def select(self, makerspace_id: UUID) -> Select[Any]:
        """Select the members, without an order."""
        found = select_rows(Entity.MEMBER, makerspace_id)
        if self.plan is not None:
            found = found.where(members.c.plan == self.plan)
        if self.search is not None:
            found = found.where(contains(self._shown(), self.search))
        return found

    def in_order(self, found: Select[Any], after: Sequence[str] | None) -> Select[Any]:
        """Order members by what is shown of them; `after` is the position at which the last page ended."""
        columns = (func.left(_LABEL, SORTED_BY), members.c.user_id) if self.shows_people else (members.c.pseudonym,)
        if after is not None:
            found = found.where(tuple_(*columns) > tuple_(*after))
        return found.order_by(*columns)

    def place(self, member: Member) -> Sequence[str]:
        """Return the position of a member. Clients can read cursors, so without `shows_people` it has no id."""
        return (member.label[:SORTED_BY], member.id) if self.shows_people else (str(member.pseudonym),)

    def _shown(self) -> ColumnElement[str]:
        """Return the text that is searched, one line per part."""
        if self.shows_people:
            return func.concat_ws("\n", members.c.display_name, members.c.user_id)
        letters = (func.substr(members.c.pseudonym, 3, 4), func.substr(members.c.pseudonym, 7, 4))
        return func.concat_ws("\n", members.c.pseudonym, func.concat("Member ", letters[0], "-", letters[1]))


_LABEL = func.coalesce(func.nullif(members.c.display_name, ""), members.c.user_id)
