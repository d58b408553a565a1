"""Prepares an operation's document: parsed, measured against the limits, validated. Once per operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType, validate

from makrcave_analytics.schema.engine.limits import (
    LIMITS,
    check_document,
    hide_suggestions,
    limit_violations,
    operation_type,
)
from makrcave_analytics.schema.engine.operation import Operation

DOCUMENTS_KEPT = 512
"""Parsed and validated documents that are remembered."""
LONGEST_KEPT = 8 * 1024
"""Characters of a document that is remembered. Documents that frontends repeat are shorter."""


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """The document of one operation, ready to run unless there are refusals."""

    document: DocumentNode
    """Empty where the source could not be parsed."""
    kind: OperationType | None
    """None: no operation has the requested name, or there are several and no name was sent."""
    refusals: tuple[GraphQLError, ...]
    """Why the operation must not run."""


class Documents:
    """Prepares documents for one schema. Short documents are parsed and validated once, then remembered."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._recalled = lru_cache(maxsize=DOCUMENTS_KEPT)(self._parsed)

    @property
    def remembered(self) -> int:
        """How many documents are remembered."""
        return self._recalled.cache_info().currsize

    def prepare(self, operation: Operation, *, may_introspect: bool, may_subscribe: bool = False) -> PreparedDocument:
        """Prepare the document of an operation. Suggestions in errors are hidden from clients without introspection."""
        source = operation.query
        try:
            parsed = self._recalled(source) if len(source) <= LONGEST_KEPT else self._parsed(source)
        except GraphQLError as error:
            return PreparedDocument(DocumentNode(definitions=()), None, (error,))
        kind = operation_type(parsed.document, operation.name)
        refusal = _kind_refusal(kind, operation, may_subscribe=may_subscribe)
        errors = [refusal] if refusal else self._errors(parsed, operation, may_introspect=may_introspect)
        return PreparedDocument(parsed.document, kind, tuple(errors))

    def _parsed(self, source: str) -> "_ParsedDocument":
        return _ParsedDocument(check_document(source), self._schema)

    def _errors(
        self, parsed: "_ParsedDocument", operation: Operation, *, may_introspect: bool
    ) -> Sequence[GraphQLError]:
        """Return what is wrong with a document. Limits come before validation, because they bound its cost."""
        violations = limit_violations(parsed.document, self._schema, operation.variables, may_introspect=may_introspect)
        errors = violations or parsed.validation_errors
        return errors if may_introspect else hide_suggestions(errors)


class _ParsedDocument:
    """A parsed document. It is validated when its errors are first read."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema) -> None:
        self.document = document
        self._schema = schema

    @cached_property
    def validation_errors(self) -> tuple[GraphQLError, ...]:
        """The errors of the document against the schema, independent of variables and viewer."""
        return tuple(validate(self._schema, self.document, max_errors=LIMITS.errors))


def _kind_refusal(kind: OperationType | None, operation: Operation, *, may_subscribe: bool) -> GraphQLError | None:
    if kind is None:
        return GraphQLError("Name one of the document's operations in operationName.")
    if kind is OperationType.SUBSCRIPTION and not may_subscribe:
        return GraphQLError("Subscriptions are served over WebSocket.")
    if kind is OperationType.MUTATION and operation.read_only:
        return GraphQLError("Mutations are sent by POST.")
    return None
