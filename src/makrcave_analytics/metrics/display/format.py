"""Formats numbers in the language of a makerspace."""

from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.models.currency import minor_units

ABSENT = "—"
_FALLBACK = "en"
_PATTERNS = {
    Unit.COUNT: "#,##0",
    Unit.HOURS: "#,##0.0",
    Unit.MINUTES: "#,##0",
    Unit.DAYS: "#,##0.0",
    Unit.PERCENT: "#,##0.0",
    Unit.QUANTITY: "#,##0.###",
    Unit.PER_MEMBER: "#,##0.00",
    Unit.KWH: "#,##0.0",
}
_LABELS = {Unit.HOURS: "h", Unit.MINUTES: "min", Unit.DAYS: "d", Unit.PERCENT: "%", Unit.KWH: "kWh"}


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """Return the locale of a tag such as en-IN; English where the tag is unknown."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_FALLBACK)


def unit_label(unit: Unit, currency: str, locale: str) -> str:
    """Return the sign that is written next to values of a unit; empty for counts."""
    if unit is Unit.MONEY:
        return get_currency_symbol(currency, locale_of(locale))
    return _LABELS.get(unit, "")


def formatted(value: Decimal | None, unit: Unit, currency: str, locale: str) -> str:
    """Return a value with its unit as the locale writes it; a dash for None."""
    if value is None:
        return ABSENT
    language = locale_of(locale)
    if unit is Unit.MONEY:
        return format_currency(value, currency, locale=language)
    number = format_decimal(value, _pattern(unit, language), locale=language)
    label = _LABELS.get(unit)
    return f"{number} {label}" if label else number


def with_minor_units(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with at least the decimals of its currency, and more where it has more: 12.5000 EUR is 12.50."""
    digits = min(int(amount.normalize().as_tuple().exponent), -minor_units(currency))
    return amount.quantize(Decimal(1).scaleb(digits))


def exact_value(value: Decimal | None, unit: Unit, currency: str) -> Decimal | None:
    """Return a value as the API writes it exactly: money with the decimals of its currency."""
    return value if value is None or unit is not Unit.MONEY else with_minor_units(value, currency)


@lru_cache(maxsize=1024)
def _pattern(unit: Unit, locale: Locale) -> str:
    """Return the number pattern of a unit, with the digit grouping of the locale."""
    grouping = str(locale.decimal_formats[None].pattern).split(";")[0].split(".")[0]
    _, point, fraction = _PATTERNS[unit].partition(".")
    return f"{grouping}{point}{fraction}"


def money_pattern(currency: str, locale: str) -> str:
    """Return the number format of a spreadsheet for a currency, with its sign where the locale puts it."""
    sign = get_currency_symbol(currency, locale_of(locale)).replace('"', "")
    digits = minor_units(currency)
    number = f"#,##0.{'0' * digits}" if digits else "#,##0"
    pattern = str(locale_of(locale).currency_formats["standard"].pattern)
    return f'"{sign}"{number}' if pattern.startswith("¤") else f'{number} "{sign}"'
