"""Reads an Operation from a body or a query string. Checks the types of parameters and nothing else."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from graphql import GraphQLError, OperationType

from makrcave_analytics.schema.engine.limits import check_document, operation_type
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.web.body import decode
from makrcave_analytics.web.http_error import Refusal

_MAX_PARAMETERS = 20


def from_body(body: bytes) -> Operation:
    """Read the operation that a POST carries.

    Raises:
        Refusal: 400, naming the parameter.
    """
    sent = decode(body)
    if not isinstance(sent, dict):
        raise _wrong("The body must be one JSON object.")
    return operation_of(sent)


def operation_of(sent: dict[str, Any]) -> Operation:
    """Read the operation that an object holds.

    Raises:
        Refusal: 400, naming the parameter.
    """
    return _operation(sent, read_only=False)


def kind_of(operation: Operation) -> OperationType | None:
    """Return the kind of an operation, or None where the document will be refused."""
    try:
        return operation_type(check_document(operation.query), operation.name)
    except GraphQLError:
        return None


def from_query_string(parameters: Mapping[str, str]) -> Operation:
    """Read the operation that a GET carries; its variables and extensions are JSON.

    Raises:
        Refusal: 400, naming the parameter.
    """
    sent: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        sent[name] = decode(sent[name]) if sent.get(name) else None
    return _operation(sent, read_only=True)


def parse_query_string(query_string: bytes) -> dict[str, str]:
    """Split a query string.

    Raises:
        Refusal: 400 where it is not UTF-8, or names a parameter twice.
    """
    try:
        text = query_string.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        raise _wrong("The query string cannot be read.") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise _wrong("The query string names a parameter twice.")
    return parameters


def _operation(sent: dict[str, Any], *, read_only: bool) -> Operation:
    query = sent.get("query")
    if not isinstance(query, str) or not query:
        raise _wrong("query must be a text that is not empty.")
    name = _optional(sent, "operationName", str, "a text")
    _optional(sent, "extensions", dict, "an object")
    return Operation(query, _optional(sent, "variables", dict, "an object"), name or None, read_only)


def _optional(sent: dict[str, Any], name: str, kind: type, described: str) -> Any:
    value = sent.get(name)
    if value is not None and not isinstance(value, kind):
        raise _wrong(f"{name} must be {described}, or null.")
    return value


def _wrong(message: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, message)
