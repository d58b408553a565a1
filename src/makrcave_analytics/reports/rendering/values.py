"""Values as text in the makerspace's locale."""

from datetime import date, datetime
from decimal import Decimal

from makrcave_analytics.metrics.display.format import ABSENT, formatted
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.reports.content.document import Document, Figure, Value


def value_text(document: Document, value: Value, unit: Unit | None) -> str:
    """Format a value in the makerspace's locale."""
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


def change_text(document: Document, figure: Figure) -> str:
    """Format the change of a number, and the number that it is compared with."""
    before = value_text(document, figure.previous, figure.unit)
    if figure.change_percent is None:
        return f"before: {before}"
    sign = "+" if figure.change_percent > 0 else ""
    return f"{sign}{value_text(document, figure.change_percent, Unit.PERCENT)}, before: {before}"
