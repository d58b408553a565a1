"""How much one document may ask for, and the check of it before anything runs. Knows nothing of resolvers."""

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
    """The largest document that is served; at each number passes, one more is refused."""

    tokens: int = 1_000
    comments: int = 1_000
    digits: int = 100
    """Of one number; no type of ours holds more."""
    depth: int = 10
    """Fields within fields; introspection is not counted."""
    aliases: int = 15
    directives: int = 50
    root_fields: int = 20
    repeats: int = 50
    """Fields asked for again beside themselves: merging them takes time quadratic in their number."""
    cost: int = 20_000
    selections: int = 20_000
    """Fields, spreads and inline fragments once all fragments are expanded."""
    list_length: int = 1_000
    """What `first` and `top` count at most; a resolver refuses more, naming the argument."""
    errors: int = 10
    message_length: int = 500
    """Of one error: clients choose names, and errors repeat them."""


LIMITS = DocumentLimits()

_SUGGESTION = re.compile(r"\s*Did you mean .*", re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def check_document(source: str, limits: DocumentLimits = LIMITS) -> DocumentNode:
    """Parse a document that is short enough and made of text and numbers that can be kept.

    Raises:
        GraphQLError: of code INVALID, with the place in the document where there is one.
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
    """Tell what the operation of that name is; None where there is none, or several and no name."""
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
    """Find where a document asks for too much; for before its validation, so it may be anything that parses.

    The code of an error is QUERY_TOO_EXPENSIVE where the cost is too high, else INVALID.
    """
    cost = DocumentCost(document, schema, variables or {}, limits.list_length)
    found = [error for each in cost.operations() for error in _excesses(each, cost.totals(each), limits)]
    if any(cost.totals(each).introspects for each in cost.operations()):
        found += _introspection_errors(document, schema, may_introspect)
    return found[: limits.errors]


def hide_suggestions(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """Cut "Did you mean" off, which tells names of the schema to those who may not read it."""
    return [_with_message(each, _SUGGESTION.sub("", each.message)) for each in errors]


def presentable(errors: Iterable[GraphQLError], limits: DocumentLimits = LIMITS) -> list[GraphQLError]:
    """Take the first errors of a refused document, none of them longer than a client should be answered with."""
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
