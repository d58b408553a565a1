"""Inputs of facts, and the results of recording them."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording import fact_inputs
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus
from makrcave_analytics.schema.common.fields import attribute, optional
from makrcave_analytics.schema.common.scalars import JSON, Long

_Day = date  # for the field of that name


@strawberry.input(description="One event: who did what, where and when.")
class UsageEventInput(fact_inputs.UsageEventInput):
    """An event; each one is judged on its own."""

    event_type: str = attribute(
        "Lower-case words joined by _: login, logout, equipment_reservation, inventory_issue, check_in …"
    )
    id: strawberry.ID | None = optional(
        "The caller's own, any string up to 100 characters; not a UUID: kept as UUIDv5 of makerspace, kind and id. A "
        "retry with the same id and content is a DUPLICATE, with other content a conflict."
    )
    user_id: strawberry.ID | None = optional(
        "Default: a member's own sub; none from a service (an unknown badge): counted in events, never in members."
    )
    event_category: str | None = optional(
        "authentication, equipment, inventory, project, access …; taken from a known eventType where left out."
    )
    equipment_id: strawberry.ID | None = optional("Default: the same name in metadata.")
    item_id: strawberry.ID | None = optional("Default: the same name in metadata.")
    project_id: strawberry.ID | None = optional("Default: the same name in metadata.")
    metadata: JSON | None = optional("An object with whatever else is known.")
    timestamp: datetime | None = optional("Default: now. At most 5 minutes ahead, at most the retention back.")


@strawberry.input(
    description="Neither duration nor end: still running. The same id sent again with an end closes it: UPDATED; once "
    "more: DUPLICATE. Both given must agree. A voided id sent again stays voided: DUPLICATE."
)
class EquipmentUsageInput(fact_inputs.EquipmentUsageInput):
    """A session at a machine."""

    equipment_id: strawberry.ID = attribute("The machine, known or not.")
    start_time: datetime = attribute("When it began; cut to whole seconds. At most 5 minutes ahead.")
    usage_type: str = attribute("What it was; maintenance (planned) and repair (unplanned) are downtime, not use.")
    id: strawberry.ID | None = optional("The caller's own, as of events; it counts once for ever.")
    user_id: strawberry.ID | None = optional("Who used it.")
    duration_minutes: int | None = optional("How long it lasted; a use at most 31 days.")
    end_time: datetime | None = optional("When it ended; cut to whole seconds.")
    materials_used: JSON | None = optional("An object or list with what was used.")
    project_id: strawberry.ID | None = optional("The project it was for.")
    succeeded: bool | None = optional("Whether the work came out well, where that is known.")
    energy_kwh: float | None = optional("What it took.")


@strawberry.input(description="What was taken of one item on one day. efficiencyScore and wastePercentage: 0 to 100.")
class InventoryUsageInput(fact_inputs.InventoryUsageInput):
    """A use of an item."""

    item_id: strawberry.ID = attribute("The item, known or not.")
    date: _Day = attribute("The local day.")
    quantity_consumed: float = attribute("How much, in the item's unit.")
    cost_consumed: Decimal = attribute("What that cost, in the makerspace's currency.")
    id: strawberry.ID | None = optional("The caller's own, as of events; it counts once for ever.")
    efficiency_score: float | None = optional("How well it was used.")
    waste_percentage: float | None = optional("How much of it was wasted.")
    reorder_triggered: bool | None = optional("Whether it made somebody order more. Default: false.")
    user_id: strawberry.ID | None = optional("Who took it.")
    project_id: strawberry.ID | None = optional("The project it was for.")


@strawberry.input(
    description="One line of a transaction; its id is (transactionId, lineId). A negative amount is a refund. "
    "taxAmount is part of amount."
)
class RevenueInput(fact_inputs.RevenueInput):
    """A line of a transaction."""

    transaction_id: str = attribute("The sender's own, up to 100 characters.")
    transaction_date: date = attribute("The local day on which it was paid.")
    revenue_source: str = attribute("membership, equipment_usage, workshop …")
    amount: Decimal = attribute("What was paid, tax included, in whole minor units of the currency.")
    payment_method: str = attribute("card, cash, transfer …")
    line_id: str | None = strawberry.field(default="1", description="Which line of the transaction.")
    tax_amount: Decimal | None = optional("The tax in it. Default: 0.")
    currency: str | None = optional("ISO 4217; default: the makerspace's.")
    customer_id: strawberry.ID | None = optional("Who paid.")
    equipment_id: strawberry.ID | None = optional("The machine it was for.")
    is_recurring: bool | None = optional("Whether it comes again by itself. Default: false.")
    service_from: date | None = optional("The first day of what was paid for; with serviceUntil.")
    service_until: date | None = optional("The last day of what was paid for.")
    refund_of: str | None = optional("The transaction that it pays back.")


@strawberry.input(description="A fact that was wrong.")
class VoidInput(fact_inputs.VoidInput):
    """A fact to void."""

    kind: FactKind = attribute("What it is of.")
    id: strawberry.ID = attribute("The stored id, or the caller's own; of revenue the transactionId.")
    reason: str = attribute("Why, for people; up to 500 characters.")
    line_id: str | None = optional('Of revenue; default: "1".')


@strawberry.type(description='path: ["input", "3", "timestamp"].')
class UserError:
    """Why an input was refused."""

    code: ErrorCode = attribute("What kind of refusal it is.")
    message: str = attribute("For the sender.")
    path: list[str] = attribute("The argument at fault, outermost first.")


@strawberry.interface(description="What every mutation answers.")
class Payload:
    """The result of a mutation."""

    user_errors: list[UserError] = attribute("What was refused and why; empty where nothing was.")


@strawberry.type(description="What became of one item.")
class RecordResult:
    """The result of one item."""

    index: int = attribute("Its position in the input, from 0.")
    id: strawberry.ID | None = attribute(
        "The stored UUID; of revenue the transactionId. voidFacts takes it, or the caller's own id."
    )
    status: RecordStatus = attribute("What became of it.")
    error: UserError | None = attribute("Why it was rejected.")


@strawberry.type(description="What became of a batch: everything counted in it is committed.")
class RecordPayload(Payload):
    """The result of a batch."""

    recorded: int = attribute("Items that are new.")
    updated: int = attribute("Items that changed what was there.")
    duplicates: int = attribute("Items that were there already, with the same content.")
    rejected: int = attribute("Items that were refused; nothing else was touched by them.")
    results: list[RecordResult] = attribute("One per input, in its order.")
    data_version: Long = attribute(
        "The makerspace's version once this was in: every read that starts after this answer sees it."
    )

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        """Return whether a value has this type."""
        return isinstance(value, RecordOutcome)
