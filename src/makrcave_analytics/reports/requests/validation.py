"""From what was asked to a question that can be answered: checked, and with a digest to compare it by."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import Forbidden, Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.metrics.explore.inputs import TableInput, table_as_json
from makrcave_analytics.metrics.privacy.visibility import Sensitive
from makrcave_analytics.period import Comparison, DateRange, PeriodInput, PeriodPreset
from makrcave_analytics.reports.content.fact_rows import filters_of
from makrcave_analytics.reports.inputs import ReportFilters, ReportRequestInput
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY, DeliveryChannels, Notify, check_notify
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

MAX_FILTER_VALUES = 100
MAX_TEXT_LENGTH = 100

_NEEDS: Mapping[ReportType, tuple[Permission, ...]] = {
    ReportType.REVENUE: (Sensitive.MONEY.permission,),
    ReportType.MEMBER_DATA: (Permission.MANAGE, Sensitive.PEOPLE.permission),
}
_CURRENCY = re.compile(r"[A-Z]{3}")
# What PostgreSQL cannot keep as text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class ReportRequest:
    """What a report is to hold: allowed, possible and well formed."""

    type: ReportType
    format: ReportFormat
    asked: PeriodPreset | DateRange
    compare_to: Comparison | None
    currency: str | None
    filters: Mapping[str, list[str]] | None
    """By the names that clients use; only those that narrow something."""
    table: TableInput | None
    """Of CUSTOM; checked once the period is known."""
    subject: str | None
    """Of whom MEMBER_DATA is about."""
    notify: Notify
    idempotency_key: str | None

    @property
    def explore(self) -> dict[str, Any] | None:
        """The table, as it is kept."""
        return None if self.table is None else table_as_json(self.table)

    def digest(self, user_id: str) -> bytes:
        """Sum up question and asker, to tell the repetition of a request from another one under the same key.

        The period counts as it was asked, not the days that it was resolved to: a retry may come after midnight.
        """
        period = str(self.asked) if isinstance(self.asked, PeriodPreset) else _days(self.asked)
        asked = [self.type, self.format, period, self.compare_to, self.currency, self.filters, user_id]
        asked += [further for further in (self.explore, self.subject) if further is not None]
        asked += [notified] if (notified := self.notify.as_json()) else []
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


def hidden_types(permissions: Iterable[Permission]) -> frozenset[ReportType]:
    """Return the types whose reports are not for somebody with these permissions."""
    held = frozenset(permissions)
    return frozenset(type_ for type_, needs in _NEEDS.items() if not held.issuperset(needs))


def require(type_: ReportType, permissions: Iterable[Permission]) -> None:
    """Do nothing where a type of report may be asked for.

    Raises: Forbidden, naming the first permission that is missing.
    """
    held = frozenset(permissions)
    for need in (Permission.REPORT, *_NEEDS.get(type_, ())):
        if need not in held:
            raise Forbidden(f"The permission {need} is needed.", permission=need.value)


def check(
    asked: ReportRequestInput, permissions: Iterable[Permission], channels: DeliveryChannels = WEBHOOKS_ONLY
) -> ReportRequest:
    """Check what was asked for.

    Raises:
        Invalid: naming the argument at fault.
        Forbidden: naming the permission that this type of report needs.
    """
    require(asked.type, permissions)
    _check_belongs(asked)
    return ReportRequest(
        type=asked.type,
        format=asked.format,
        asked=_period(asked.period),
        compare_to=asked.compare_to,
        currency=_currency(asked.currency),
        filters=_filters(asked.type, asked.filters),
        table=asked.table,
        subject=_text(asked.user_id, ("input", "userId")),
        notify=check_notify(asked.notify, channels),
        idempotency_key=_text(asked.idempotency_key, ("input", "idempotencyKey")),
    )


def _check_belongs(asked: ReportRequestInput) -> None:
    """Refuse what a type needs and has not, or has and does not need."""
    for value, name, type_ in (
        (asked.table, "table", ReportType.CUSTOM),
        (asked.user_id, "userId", ReportType.MEMBER_DATA),
    ):
        if value is not None and asked.type is not type_:
            raise Invalid(f"{name} belongs to {type_} only.", path=("input", name))
        if value is None and asked.type is type_:
            raise Invalid(f"{type_} needs {name}.", path=("input", name))


def _period(asked: PeriodInput | None) -> PeriodPreset | DateRange:
    if asked is None:
        return PeriodPreset.LAST_30_DAYS
    if (asked.preset is None) == (asked.range is None):
        raise Invalid("A period is either a preset or a range.", path=("input", "period"))
    return asked.preset or asked.range or PeriodPreset.LAST_30_DAYS


def _days(asked: DateRange) -> str:
    return f"{asked.start_date}/{asked.end_date}"


def _currency(raw: str | None) -> str | None:
    if raw is not None and not _CURRENCY.fullmatch(raw):
        raise Invalid("A currency is three capital letters, like EUR.", path=("input", "currency"))
    return raw


def _filters(type_: ReportType, asked: ReportFilters | None) -> Mapping[str, list[str]] | None:
    if asked is None:
        return None
    known, kept = filters_of(type_), {}
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
