"""Facts in: the inputs of recording, and what became of each item."""

from datetime import datetime

import strawberry

from makrcave_analytics import recording
from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.recording import RecordOutcome, RecordStatus
from makrcave_analytics.schema.fields import attribute, optional
from makrcave_analytics.schema.scalars import JSON, Long


@strawberry.input(description="One event: who did what, where and when.")
class UsageEventInput(recording.UsageEventInput):
    """An event as senders hand it in; recording judges each one on its own."""

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


@strawberry.type(description='path: ["input", "3", "timestamp"].')
class UserError:
    """Why something was refused."""

    code: ErrorCode = attribute("What kind of refusal it is.")
    message: str = attribute("For the sender.")
    path: list[str] = attribute("The argument at fault, outermost first.")


@strawberry.interface(description="What every mutation answers.")
class Payload:
    """What every mutation answers."""

    user_errors: list[UserError] = attribute("What was refused and why; empty where nothing was.")


@strawberry.type(description="What became of one item.")
class RecordResult:
    """What became of one item."""

    index: int = attribute("Its position in the input, from 0.")
    id: strawberry.ID | None = attribute(
        "The stored UUID; of revenue the transactionId. voidFacts takes it, or the caller's own id."
    )
    status: RecordStatus = attribute("What became of it.")
    error: UserError | None = attribute("Why it was rejected.")


@strawberry.type(description="What became of a batch: everything counted in it is committed.")
class RecordPayload(Payload):
    """What became of a batch."""

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
        """Say whether a value is shown as this type."""
        return isinstance(value, RecordOutcome)
