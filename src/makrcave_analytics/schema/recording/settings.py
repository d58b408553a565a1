"""Types of creating a makerspace and of changing its settings."""

from datetime import date

import strawberry

from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording import entity_inputs
from makrcave_analytics.resolvers.recording import settings
from makrcave_analytics.schema.common.fields import attribute, optional
from makrcave_analytics.schema.common.makerspace import Makerspace
from makrcave_analytics.schema.recording.record import Payload
from makrcave_analytics.schema.recording.sync import Keeping, OpeningHoursInput, keepable


@strawberry.input(description="A new makerspace.")
class MakerspaceInput(entity_inputs.MakerspaceInput):
    """A new makerspace."""

    name: str = attribute("For people.")
    time_zone: str = attribute("The zone in which its days are counted, like Asia/Kolkata.")
    currency: str = attribute("ISO 4217.")
    id: strawberry.ID | None = optional("A UUID; made where left out.")
    locale: str | None = optional("The language in which numbers are written. Default: en.")


@strawberry.input(description="Days on which nobody is let in, both included.")
class ClosureInput(entity_inputs.ClosureInput):
    """Closed days."""

    start_date: date = attribute("The first closed day.")
    end_date: date = attribute("The last closed day.")
    name: str | None = optional("Why, for people.")


@strawberry.input(description="Settings to change. What is left out stays as it is; null goes back to the default.")
class MakerspaceSettingsInput(Keeping):
    """Settings to change; its fields are keys of `SETTINGS`."""

    name: str | None = keepable("For people.")
    time_zone: str | None = keepable(
        "The zone in which its days are counted: everything is counted anew. Fixed once old events were removed."
    )
    currency: str | None = keepable("ISO 4217. What is recorded already stays in its currency.")
    locale: str | None = keepable("The language in which numbers are written.")
    week_start: DayOfWeek | None = keepable("The first day of its weeks.")
    fiscal_year_start_month: int | None = keepable("1 to 12.")
    opening_hours: list[OpeningHoursInput] | None = keepable("When it is open, all of it.")
    closures: list[ClosureInput] | None = keepable("Days on which it is closed, all of them.")
    brand_color: str | None = keepable("Of its reports: #1a2b3c.")
    logo: str | None = keepable("PNG or JPEG, base64, up to 200 kB.")


@strawberry.type(description="What a mutation of makerspaces answers.")
class MakerspacePayload(Payload):
    """The result of a mutation of a makerspace."""

    makerspace: Makerspace | None = attribute("The makerspace as it is now; null where the change was refused.")

    @classmethod
    def is_type_of(cls, value: object, _: object) -> bool:
        """Return whether a value has this type."""
        return isinstance(value, settings.MakerspacePayload)
