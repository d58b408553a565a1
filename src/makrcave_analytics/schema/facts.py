"""Stored facts, row by row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.metrics.names import Entity
from makrcave_analytics.resolvers import entities, events
from makrcave_analytics.schema.connections import connection
from makrcave_analytics.schema.entities import Equipment, InventoryItem, Project
from makrcave_analytics.schema.fields import optional, resolved
from makrcave_analytics.schema.members import Member
from makrcave_analytics.schema.scalars import JSON


@strawberry.input(description="Which events; each field that is given narrows them further, an empty list does not.")
class UsageEventFilter(events.UsageEventFilter):
    """Which events."""

    start_date: date | None = optional("The first local day.")
    end_date: date | None = optional("The last local day, included.")
    event_types: list[str] | None = optional("Any of these types; at most 100.")
    event_categories: list[str] | None = optional("Any of these categories; at most 100.")
    user_id: strawberry.ID | None = optional("The person; their pseudonym without READ_PEOPLE.")
    equipment_id: strawberry.ID | None = optional("The machine.")
    project_id: strawberry.ID | None = optional("The project.")


def _of_row(attribute: str, description: str, type_: Any) -> Any:
    return resolved(entities.of_row(attribute), description, type_)


@strawberry.type(description="Something that happened. Voided events are not shown.")
class UsageEvent:
    """A stored event."""

    id = _of_row("id", "The stored id.", UUID)
    user_id = resolved(
        entities.user_id, "Whose it is, or the pseudonym without READ_PEOPLE; null: nobody's.", strawberry.ID | None
    )
    member = resolved(entities.named(Entity.MEMBER, "user_id"), "Whose it is, with the name.", Member | None)
    event_type = _of_row("event_type", "What happened: login, check_in …", str)
    event_category = _of_row("event_category", "What kind of thing happened: access, equipment …", str)
    equipment = resolved(entities.named(Entity.EQUIPMENT, "equipment_id"), "At which machine.", Equipment | None)
    item = resolved(entities.named(Entity.ITEM, "item_id"), "With which item.", InventoryItem | None)
    project = resolved(entities.named(Entity.PROJECT, "project_id"), "For which project.", Project | None)
    metadata = resolved(events.metadata, "Whatever else is known. Null without READ_PEOPLE.", JSON | None)
    timestamp = _of_row("timestamp", "When it happened.", datetime)
    recorded_at = _of_row("recorded_at", "When it came in.", datetime)


UsageEventConnection = connection("UsageEvent", UsageEvent)
