"""The type of members, and their list."""

from datetime import date

import strawberry

from makrcave_analytics.resolvers.entities import things
from makrcave_analytics.schema.common.connections import connection
from makrcave_analytics.schema.common.fields import of_row, resolved


@strawberry.type(description="displayName is the name, or a stable pseudonym without READ_PEOPLE.")
class Member:
    """A person of a makerspace."""

    makerspace_id = resolved(things.makerspace_id, "The makerspace; ids are unique only within it.", strawberry.ID)
    id = resolved(things.member_id, "The caller's own, or the pseudonym without READ_PEOPLE.", strawberry.ID)
    display_name = resolved(things.display_name, "The name, else the id; or the pseudonym, for people.", str)
    plan = of_row("plan", "The plan now.", str | None)
    joined_on = of_row("joined_on", "The first day as a member.", date | None)
    left_on = of_row("left_on", "The last day as a member.", date | None)


MemberConnection = connection("Member", Member)
