"""Values as people of the makerspace write them."""

from datetime import date, datetime
from decimal import Decimal

from makrcave_analytics.metrics.display.format import ABSENT, formatted
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import Document, Figure, Value


def say(document: Document, value: Value, unit: Unit | None) -> str:
    """Write a value as people of the makerspace write it."""
    match value:
        case None:
            return ABSENT if unit else ""
        case bool():
            return "yes" if value else "no"
        case int() | Decimal() if unit is not None:
            return formatted(Decimal(value), unit, document.currency, document.locale)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def say_change(document: Document, figure: Figure) -> str:
    """Write what a number is compared with, and by how much it changed."""
    before = say(document, figure.previous, figure.unit)
    if figure.change_percent is None:
        return f"before: {before}"
    sign = "+" if figure.change_percent > 0 else ""
    return f"{sign}{say(document, figure.change_percent, Unit.PERCENT)}, before: {before}"
