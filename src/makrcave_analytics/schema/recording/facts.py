"""Types and lists of stored facts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.loaders import facts as lists
from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.resolvers.entities import things
from makrcave_analytics.resolvers.recording import facts
from makrcave_analytics.schema.common.connections import connection
from makrcave_analytics.schema.common.fields import of_row, optional, resolved
from makrcave_analytics.schema.common.scalars import JSON
from makrcave_analytics.schema.entities.members import Member
from makrcave_analytics.schema.entities.things import Equipment, InventoryItem, Project


@strawberry.input(description="Which events; each field that is given narrows them further, an empty list does not.")
class UsageEventFilter(facts.UsageEventFilter):
    """The filter of the list of events."""

    start_date: date | None = optional("The first local day.")
    end_date: date | None = optional("The last local day, included.")
    event_types: list[str] | None = optional("Any of these types; at most 100.")
    event_categories: list[str] | None = optional("Any of these categories; at most 100.")
    user_id: strawberry.ID | None = optional("The person; their pseudonym without READ_PEOPLE.")
    equipment_id: strawberry.ID | None = optional("The machine.")
    project_id: strawberry.ID | None = optional("The project.")


@strawberry.input(
    description="Which facts; each field that is given narrows them further, an empty list does not. What facts of a "
    "kind do not have, they cannot be narrowed by."
)
class FactFilter(facts.FactFilter):
    """The filter of the other lists."""

    start_date: date | None = optional("The first local day.")
    end_date: date | None = optional("The last local day, included.")
    ids: list[strawberry.ID] | None = optional(
        "Any of these: stored ids, or the caller's own; of transactions transactionIds. At most 100."
    )
    user_id: strawberry.ID | None = optional(
        "The person, of transactions the customer; their pseudonym without READ_PEOPLE."
    )
    equipment_id: strawberry.ID | None = optional("The machine; not of inventory rows.")
    item_id: strawberry.ID | None = optional("The item; of inventory rows only.")
    project_id: strawberry.ID | None = optional("The project; not of transactions.")
    include_voided: bool | None = strawberry.field(
        default=False, description="Whether facts are shown that were taken out of every number."
    )


def _quantity(attribute: str, description: str, type_: Any = float | None) -> Any:
    return resolved(things.quantity(attribute), description, type_)


def _money(attribute: str, description: str) -> Any:
    return resolved(things.money(attribute), f"{description} Null without READ_MONEY.", Decimal | None)


def _person(attribute: str, whose: str) -> Any:
    description = f"{whose}, or the pseudonym without READ_PEOPLE; null: nobody's."
    return resolved(things.person(attribute), description, strawberry.ID | None)


def _free(attribute: str, description: str) -> Any:
    return resolved(facts.free(attribute), f"{description} Null without READ_PEOPLE.", JSON | None)


def _named(entity: Entity, attribute: str, description: str, type_: Any) -> Any:
    return resolved(things.named(entity, attribute), description, type_)


def _is_voided() -> Any:
    return of_row("is_voided", "Whether it was taken out of every number.", bool)


@strawberry.type(description="Something that happened. Voided events are not shown.")
class UsageEvent:
    """A stored event."""

    id = of_row("id", "The stored id.", UUID)
    user_id = _person("user_id", "Whose it is")
    member = _named(Entity.MEMBER, "user_id", "Whose it is, with the name.", Member | None)
    event_type = of_row("event_type", "What happened: login, check_in …", str)
    event_category = of_row("event_category", "What kind of thing happened: access, equipment …", str)
    equipment = _named(Entity.EQUIPMENT, "equipment_id", "At which machine.", Equipment | None)
    item = _named(Entity.ITEM, "item_id", "With which item.", InventoryItem | None)
    project = _named(Entity.PROJECT, "project_id", "For which project.", Project | None)
    metadata = _free("metadata", "Whatever else is known.")
    timestamp = of_row("timestamp", "When it happened.", datetime)
    recorded_at = of_row("recorded_at", "When it came in.", datetime)


@strawberry.type(description="A session at a machine, its maintenance or its repair.")
class EquipmentLog:
    """A stored session."""

    id = of_row("id", "The stored id.", UUID)
    equipment = _named(Entity.EQUIPMENT, "equipment_id", "At which machine.", Equipment)
    user_id = _person("user_id", "Whose it is")
    member = _named(Entity.MEMBER, "user_id", "Whose it is, with the name.", Member | None)
    start_time = of_row("start_time", "When it began.", datetime)
    end_time = of_row("end_time", "When it ended; null: still running.", datetime | None)
    duration_minutes = resolved(
        facts.minutes, "How long it lasted, as it was sent, else in whole minutes; null: still running.", int | None
    )
    usage_type = of_row("usage_type", "What for; maintenance and repair are no use.", str)
    materials_used = _free("materials_used", "What was used up, as it was sent.")
    project = _named(Entity.PROJECT, "project_id", "For which project.", Project | None)
    succeeded = of_row("succeeded", "Whether it did what it was for; null where nobody said.", bool | None)
    energy_kwh = _quantity("energy_kwh", "What it consumed, where that was measured.")
    is_voided = _is_voided()


@strawberry.type(description="What was used up of an item on a day, on one occasion.")
class InventoryRow:
    """A stored use of an item."""

    id = of_row("id", "The stored id.", UUID)
    item = _named(Entity.ITEM, "item_id", "Of which item.", InventoryItem)
    date = of_row("date", "On which day.", date)
    quantity_consumed = _quantity("quantity_consumed", "How much, in the item's unit.", float)
    cost_consumed = _money("cost_consumed", "What that had cost, in the makerspace's currency.")
    efficiency_score = _quantity("efficiency_score", "How well it was used, 0 to 100, where that was stated.")
    waste_percentage = _quantity("waste_percentage", "How much of it was wasted, 0 to 100, where that was stated.")
    reorder_triggered = of_row("reorder_triggered", "Whether it made the item due to be ordered again.", bool)
    user_id = _person("user_id", "Who used it")
    project = _named(Entity.PROJECT, "project_id", "For which project.", Project | None)
    is_voided = _is_voided()


@strawberry.type(description="A line of a transaction.")
class Transaction:
    """A stored line of a transaction."""

    transaction_id = of_row("transaction_id", "The caller's own id of the whole transaction.", str)
    line_id = of_row("line_id", "Which line of it.", str)
    transaction_date = of_row("transaction_date", "On which day.", date)
    revenue_source = of_row("revenue_source", "What for: membership, workshop …", str)
    amount = _money("amount", "What was paid, tax included; negative: a refund.")
    tax_amount = _money("tax_amount", "The tax in it.")
    currency = of_row("currency", "ISO 4217, of both amounts.", str)
    payment_method = of_row("payment_method", "How it was paid: card, cash …", str)
    customer_id = _person("customer_id", "Who paid")
    equipment = _named(Entity.EQUIPMENT, "equipment_id", "For which machine.", Equipment | None)
    is_recurring = of_row("is_recurring", "Whether it is paid again and again.", bool)
    service_from = of_row("service_from", "The first day that it pays for.", date | None)
    service_until = of_row("service_until", "The last day that it pays for.", date | None)
    refund_of = of_row("refund_of", "The transaction that it pays back.", str | None)
    is_voided = _is_voided()


def _list(of: lists.FactList, node: Any, filter_: Any, description: str) -> Any:
    """Declare the field of a list."""
    pages = connection(node.__name__, node)
    return resolved(
        facts.page(of),
        f"{description}, the latest first. What is recorded while pages are turned moves nothing.",
        pages | None,
        filter=filter_,
    )


events = _list(lists.EVENTS, UsageEvent, UsageEventFilter, "What happened")
equipment_logs = _list(
    lists.EQUIPMENT_LOGS, EquipmentLog, FactFilter, "Sessions at machines, their maintenance and repairs"
)
inventory_rows = _list(lists.INVENTORY_ROWS, InventoryRow, FactFilter, "What was used up")
transactions = _list(lists.TRANSACTIONS, Transaction, FactFilter, "What was paid, line by line")
