"""The check of a request: from what came in to a ReportSpec, or to an error that names the argument."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Forbidden, Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.metrics.explore.inputs import table_as_json
from makrcave_analytics.period import DateRange, PeriodInput, PeriodPreset
from makrcave_analytics.reports.content.registry import DEFINITIONS, definition_of
from makrcave_analytics.reports.inputs import ReportFilters, ReportRequestInput
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY, DeliveryChannels, check_notify
from makrcave_analytics.reports.spec import ReportSpec
from makrcave_analytics.reports.vocabulary import ReportType

MAX_FILTER_VALUES = 100
MAX_TEXT_LENGTH = 100

_CURRENCY = re.compile(r"[A-Z]{3}")
# What PostgreSQL cannot keep as text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def hidden_types(permissions: Iterable[Permission]) -> frozenset[ReportType]:
    """Return the types whose reports need more than these permissions."""
    held = frozenset(permissions)
    return frozenset(type_ for type_, one in DEFINITIONS.items() if not held.issuperset(one.needs))


def require(type_: ReportType, permissions: Iterable[Permission]) -> None:
    """Check that these permissions allow a report type.

    Raises: Forbidden, naming the first permission that is missing.
    """
    held = frozenset(permissions)
    for need in (Permission.REPORT, *definition_of(type_).needs):
        if need not in held:
            raise Forbidden(f"The permission {need} is needed.", permission=need.value)


def check(
    asked: ReportRequestInput, permissions: Iterable[Permission], channels: DeliveryChannels = WEBHOOKS_ONLY
) -> ReportSpec:
    """Check what was asked for; the table of a CUSTOM report is left to `check_table`, which needs the period.

    Raises:
        Invalid: naming the argument at fault.
        Forbidden: naming the permission that this type of report needs.
    """
    held = frozenset(permissions)
    require(asked.type, held)
    _check_arguments(asked)
    return ReportSpec(
        type=asked.type,
        format=asked.format,
        period=_period(asked.period),
        compare_to=asked.compare_to,
        currency=_currency(asked.currency),
        filters=_filters(asked.type, asked.filters),
        table=None if asked.table is None else table_as_json(asked.table),
        subject=_text(asked.user_id, ("input", "userId")),
        notify=check_notify(asked.notify, channels),
        permissions=held,
    )


def check_idempotency_key(raw: str | None) -> str | None:
    """Check the key under which a request counts once.

    Raises: Invalid.
    """
    return _text(raw, ("input", "idempotencyKey"))


def _check_arguments(asked: ReportRequestInput) -> None:
    """Refuse a type that lacks the argument that it needs, or that has another type's."""
    for definition in DEFINITIONS.values():
        if definition.argument is None:
            continue
        value, name = getattr(asked, definition.argument), to_camel(definition.argument)
        if value is not None and asked.type is not definition.type:
            raise Invalid(f"{name} belongs to {definition.type} only.", path=("input", name))
        if value is None and asked.type is definition.type:
            raise Invalid(f"{definition.type} needs {name}.", path=("input", name))


def _period(asked: PeriodInput | None) -> PeriodPreset | DateRange:
    if asked is None:
        return PeriodPreset.LAST_30_DAYS
    if (asked.preset is None) == (asked.range is None):
        raise Invalid("A period is either a preset or a range.", path=("input", "period"))
    return asked.preset or asked.range or PeriodPreset.LAST_30_DAYS


def _currency(raw: str | None) -> str | None:
    if raw is not None and not _CURRENCY.fullmatch(raw):
        raise Invalid("A currency is three capital letters, like EUR.", path=("input", "currency"))
    return raw


def _filters(type_: ReportType, asked: ReportFilters | None) -> Mapping[str, list[str]] | None:
    if asked is None:
        return None
    known, kept = definition_of(type_).filters, {}
    for field in fields(asked):
        values: list[str] | None = getattr(asked, field.name)
        path = ("input", "filters", name := to_camel(field.name))
        if not values:
            continue
        if name not in known:
            raise Invalid(f"{type_} cannot be narrowed by {name}.", path=path)
        if len(values) > MAX_FILTER_VALUES:
            raise Invalid(f"{name} holds at most {MAX_FILTER_VALUES} values.", path=path)
        kept[name] = sorted({_checked_text(value, (*path, str(at))) for at, value in enumerate(values)})
    return kept or None


def _text(raw: str | None, path: tuple[str, ...]) -> str | None:
    return None if raw is None else _checked_text(raw, path)


def _checked_text(raw: str, path: tuple[str, ...]) -> str:
    if not 1 <= len(raw) <= MAX_TEXT_LENGTH or _UNSTORABLE.search(raw):
        raise Invalid(f"{path[-1]} must be 1 to {MAX_TEXT_LENGTH} characters of text.", path=path)
    return raw
