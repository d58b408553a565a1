"""Decodes events from JSON. A typed decoder reads nearly all; what it refuses is decoded untyped and checked alone.

Fields have the names of UsageEventInput. Other fields are refused, because they would be lost.
"""

import re
from dataclasses import fields
from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.parsing import parse_instant
from makrcave_analytics.web.body import decode
from makrcave_analytics.web.http_error import Refusal

Read: TypeAlias = UsageEventInput | Invalid
"""An event as it was sent, or why it could not be read."""

FIELDS = tuple(field.name for field in fields(UsageEventInput))
_AT = FIELDS.index("timestamp")


def _declared() -> list[Any]:
    """Return the fields for the decoder. It takes any timestamp; `parse_instant` reads it."""
    required, *optional = fields(UsageEventInput)
    typed = ((each.name, Any if each.name == "timestamp" else each.type, None) for each in optional)
    return [(required.name, required.type), *typed]


_Sent: type[msgspec.Struct] = msgspec.defstruct("_Sent", _declared(), forbid_unknown_fields=True)
_one = msgspec.json.Decoder(_Sent).decode
_many = msgspec.json.Decoder(list[_Sent]).decode  # type: ignore[valid-type]
_REFUSED = (msgspec.MsgspecError, UnicodeError, RecursionError)

_UNKNOWN = re.compile(r"unknown field `([A-Za-z_]\w{0,63})`")
_MISSING = re.compile(r"missing required field `(\w+)`")
_AT_FIELD = re.compile(r"Expected `(\w+)[^`]*`.* - at `\$\.(\w+)`", re.DOTALL)


def read_line(line: bytes) -> Read:
    """Read one event."""
    try:
        return _event(_one(line))
    except _REFUSED:
        pass
    try:
        return _checked(decode(line))
    except Refusal as refusal:
        return Invalid(refusal.message.replace("body", "line"))


def read_body(body: bytes) -> tuple[list[Read], bool]:
    """Read the events of an array, or one event. The second value is true for one event.

    Raises:
        Refusal: 400 where the body is no JSON, or neither an array nor an object.
    """
    try:
        return [_event(each) for each in _many(body)], False
    except _REFUSED:
        value = decode(body)
    if isinstance(value, dict):
        return [_checked(value)], True
    if not isinstance(value, list):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The body must be a JSON object or an array of them.")
    return [_checked(each) for each in value], False


def _event(sent: msgspec.Struct) -> UsageEventInput:
    values = list(msgspec.structs.astuple(sent))
    if values[_AT] is not None:
        values[_AT] = parse_instant(values[_AT])
    return UsageEventInput(*values)


def _checked(value: Any) -> Read:
    try:
        return _event(msgspec.convert(value, _Sent))
    except msgspec.ValidationError as error:
        return _reason(str(error), value)


def _reason(text: str, value: Any) -> Invalid:
    """Put the decoder's complaint in our words. Of the sent data only the name of a field is quoted."""
    if not isinstance(value, dict):
        return Invalid("An event is a JSON object.")
    if missing := _MISSING.search(text):
        return Invalid("The field is needed.", path=(missing[1],))
    if at := _AT_FIELD.search(text):
        return Invalid("Must be a text." if at[2] == FIELDS[0] else "Must be a text, or null.", path=(at[2],))
    named = _UNKNOWN.search(text)
    return Invalid(f"There is no such field; there are {', '.join(FIELDS)}.", path=named.groups() if named else ())
