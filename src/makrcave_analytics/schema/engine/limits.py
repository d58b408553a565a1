"""Limits of a document, and their check before anything runs."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    parse,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule

from makrcave_analytics.errors import ErrorCode, TooExpensive
from makrcave_analytics.schema.engine.complexity import DocumentCost, SelectionTotals


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The largest document that is served. Each number is still allowed."""

    tokens: int = 1_000
    comments: int = 1_000
    digits: int = 100
    """Digits of one number. No type of the schema holds more."""
    depth: int = 10
    """Nested fields. Introspection is not counted."""
    aliases: int = 15
    directives: int = 50
    root_fields: int = 20
    repeats: int = 50
    """Repeated fields of a selection set. Merging them takes time quadratic in their number."""
    cost: int = 20_000
    selections: int = 20_000
    """Fields, spreads and inline fragments, with all fragments expanded."""
    list_length: int = 1_000
    """The most that `first` and `top` count. Resolvers refuse more, naming the argument."""
    errors: int = 10
    message_length: int = 500
    """Characters of one error, because errors repeat names that clients choose."""


LIMITS = DocumentLimits()

_SUGGESTION = re.compile(r"\s*Did you mean .*", re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_document(source: str, limits: DocumentLimits = LIMITS) -> DocumentNode:
    """Parse a document, within the limits of tokens, comments and digits.

    Raises:
        GraphQLError: with code INVALID, and the location where there is one.
    """
    if "\0" in source or _LONE_SURROGATE.search(source):
        raise _refusal("The document holds characters that are not text.")
    try:
        document = parse(source, max_lexical_tokens=limits.tokens, max_comments=limits.comments)
    except GraphQLError as error:
        raise _coded(error, limits) from None
    _check_values(document, limits)
    return document


def operation_type(document: DocumentNode, name: str | None) -> OperationType | None:
    """Return the kind of the named operation. None: there is none, or there are several and no name."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name is not None and each.name.value == name]
    return operations[0].operation if len(operations) == 1 else None


def limit_violations(
    document: DocumentNode,
    schema: GraphQLSchema,
    variables: Mapping[str, Any] | None,
    *,
    may_introspect: bool,
    limits: DocumentLimits = LIMITS,
) -> list[GraphQLError]:
    """Return the limits that a document exceeds. It need not be valid, because limits come before validation.

    The code is QUERY_TOO_EXPENSIVE where the cost is too high, else INVALID.
    """
    cost = DocumentCost(document, schema, variables or {}, limits.list_length)
    found = [error for each in cost.operations() for error in _excesses(each, cost.totals(each), limits)]
    if any(cost.totals(each).introspects for each in cost.operations()):
        found += _introspection_errors(document, schema, may_introspect)
    return found[: limits.errors]


def hide_suggestions(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """Cut off "Did you mean", which reveals names of the schema to clients without introspection."""
    return [_with_message(each, _SUGGESTION.sub("", each.message)) for each in errors]


def presentable(errors: Iterable[GraphQLError], limits: DocumentLimits = LIMITS) -> list[GraphQLError]:
    """Return the first errors of a refused document, each shortened."""
    return [_coded(each, limits) for each, _ in zip(errors, range(limits.errors), strict=False)]


def _check_values(document: DocumentNode, limits: DocumentLimits) -> None:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.kind in (TokenKind.INT, TokenKind.FLOAT):
            if len(token.value or "") > limits.digits or math.isinf(float(token.value or 0)):
                raise _refusal("The document holds a number that is too large.")
        elif token.kind in (TokenKind.STRING, TokenKind.BLOCK_STRING) and "\0" in (token.value or ""):
            raise _refusal("The document holds characters that are not text.")
        token = token.next


def _excesses(
    operation: OperationDefinitionNode, totals: SelectionTotals, limits: DocumentLimits
) -> Iterator[GraphQLError]:
    for counted, limit, what in (
        (totals.depth, limits.depth, "levels of fields"),
        (totals.aliases, limits.aliases, "aliases"),
        (totals.directives, limits.directives, "directives"),
        (totals.fields, limits.root_fields, "root fields"),
        (totals.repeats, limits.repeats, "repeated fields"),
    ):
        if counted > limit:
            yield _refusal(f"The operation has more than {limit} {what}.", operation)
    if totals.cost > limits.cost or totals.selections > limits.selections:
        message = f"The operation costs more than {limits.cost}. Ask for fewer fields, or for shorter lists."
        yield GraphQLError(message, operation, extensions={"code": TooExpensive.code})


def _introspection_errors(document: DocumentNode, schema: GraphQLSchema, may_introspect: bool) -> list[GraphQLError]:
    if not may_introspect:
        return [_refusal("Introspection is for those who may MANAGE a makerspace.")]
    deep = validate(schema, document, [MaxIntrospectionDepthRule], max_errors=1)
    return [_refusal("The introspection goes too deep.")] if deep else []


def _refusal(message: str, node: Node | None = None) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": ErrorCode.INVALID.value})


def _coded(error: GraphQLError, limits: DocumentLimits) -> GraphQLError:
    message = error.message
    if len(message) > limits.message_length:
        message = f"{message[: limits.message_length]} …"
    extensions = {"code": ErrorCode.INVALID.value, **(error.extensions or {})}
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, None, extensions)


def _with_message(error: GraphQLError, message: str) -> GraphQLError:
    if message == error.message:
        return error
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, error.original_error, error.extensions
    )
