"""The scalars. Date, DateTime and Decimal parse wrong values to Malformed, because recording checks each item.

In answers, decimals are strings, long numbers are JSON numbers, and instants carry their offset.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from makrcave_analytics.recording.parsing import parse_day, parse_decimal, parse_instant

Long = NewType("Long", int)
Instants = NewType("Instants", list[datetime])
Floats = NewType("Floats", list[float | None])
Labels = NewType("Labels", list[str])
Flags = NewType("Flags", list[bool])
JSON = NewType("JSON", object)


def _literal(parse: Any) -> Any:
    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        return parse(value_from_ast_untyped(node, variables))

    return parse_literal


def _refuse(_: Any) -> Any:
    raise GraphQLError("This scalar is only for answers.")


def _parse_uuid(raw: Any) -> UUID:
    try:
        return UUID(raw)
    except (ValueError, TypeError, AttributeError) as error:
        raise GraphQLError("A UUID is needed.") from error


def _parse_long(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) >= 1 << 63:
        raise GraphQLError("A whole number of at most 64 bits is needed.")
    return raw


def _instants(instants: list[datetime]) -> list[str]:
    return [instant.isoformat() for instant in instants]


def write_decimal(number: Decimal) -> str:
    """Write an exact number without an exponent."""
    return f"{number:f}"


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='Exact decimal number, as a JSON string: "1234.50".',
        serialize=write_decimal,
        parse_value=parse_decimal,
        parse_literal=_literal(parse_decimal),
    ),
    Long: strawberry.scalar(
        name="Long",
        description="Whole number beyond 32 bits, as a JSON number.",
        serialize=int,
        parse_value=_parse_long,
        parse_literal=_literal(_parse_long),
    ),
    UUID: strawberry.scalar(
        name="UUID",
        description="128 bits, in the canonical form with hyphens.",
        serialize=str,
        parse_value=_parse_uuid,
    ),
    Instants: strawberry.scalar(
        name="Instants",
        description="Arrays as one scalar: a long series costs a thousandth of what a list of scalars would.",
        serialize=_instants,
        parse_value=_refuse,
    ),
    Floats: strawberry.scalar(
        name="Floats", description="Numbers and nulls, as one scalar.", serialize=list, parse_value=_refuse
    ),
    Labels: strawberry.scalar(name="Labels", description="Texts, as one scalar.", serialize=list, parse_value=_refuse),
    Flags: strawberry.scalar(name="Flags", description="Booleans, as one scalar.", serialize=list, parse_value=_refuse),
    date: strawberry.scalar(
        name="Date",
        description="Calendar day, ISO 8601, in the makerspace's own time zone.",
        serialize=date.isoformat,
        parse_value=parse_day,
        parse_literal=_literal(parse_day),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="Instant, RFC 3339, always with an offset; answers use the makerspace's offset.",
        serialize=datetime.isoformat,
        parse_value=parse_instant,
        parse_literal=_literal(parse_instant),
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
