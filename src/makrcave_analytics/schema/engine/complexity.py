"""Cost of a document with its fragments expanded, computed without expanding them.

Each fragment is visited once; its totals are added for every spread. So the work grows with the length of the document
alone. Takes every document that parses, and checks nothing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    is_interface_type,
    is_object_type,
)

_COSTS = {"series": 10, "columns": 10, "heatmap": 20}
_TABLE_COLUMNS = ("Table", "columns")
"""The column heads of a table. They share the name `columns` with series, but are cheap."""
_MULTIPLIERS = ("first", "top")
_TABLE = "table"
"""The input argument whose field `top` multiplies like an argument."""
_TABLE_TOP = 100
"""The default of `top` in it."""
_INTROSPECTION = frozenset({"__schema", "__type"})
_CEILING = 1_000_000_000
"""The largest sum: far beyond every limit, and still a small integer."""


class SelectionTotals(NamedTuple):
    """Totals of one selection set, or of one definition, with all fragments expanded."""

    cost: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    """Fields of its own level only."""
    repeats: int = 0
    selections: int = 0
    introspects: bool = False

    def plus(self, other: "SelectionTotals") -> "SelectionTotals":
        """Add the totals of a sibling."""
        return SelectionTotals(
            cost=min(self.cost + other.cost, _CEILING),
            depth=max(self.depth, other.depth),
            aliases=min(self.aliases + other.aliases, _CEILING),
            directives=min(self.directives + other.directives, _CEILING),
            fields=min(self.fields + other.fields, _CEILING),
            repeats=min(self.repeats + other.repeats, _CEILING),
            selections=min(self.selections + other.selections, _CEILING),
            introspects=self.introspects or other.introspects,
        )


class _Visit(NamedTuple):
    """A selection and its parent."""

    node: SelectionNode
    parent: int
    """The position of the parent among the visits; −1: the definition itself."""
    within: GraphQLNamedType | None
    """The type that it selects from. None: unknown, which validation reports."""


class DocumentCost:
    """Computes the totals of a document's definitions. `visited` counts the visited selections."""

    def __init__(
        self,
        document: DocumentNode,
        schema: GraphQLSchema,
        variables: Mapping[str, Any],
        longest_list: int,
    ) -> None:
        self.visited = 0
        self._document = document
        self._schema = schema
        self._longest_list = longest_list
        self._variables = variables
        self._defaults = dict(_whole_defaults(document))
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._totals: dict[int, SelectionTotals] = {}

    def operations(self) -> Iterator[OperationDefinitionNode]:
        """Return the operations, in the order of the document."""
        return (each for each in self._document.definitions if isinstance(each, OperationDefinitionNode))

    def totals(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> SelectionTotals:
        """Return the totals of a definition, computed once. A fragment within itself counts as nothing."""
        known = self._totals.get(id(definition))
        if known is not None:
            return known
        self._totals[id(definition)] = SelectionTotals()
        places = list(self._places(definition))
        self.visited += len(places)
        own = SelectionTotals(directives=_directives(definition), repeats=_repeats(places))
        total = self._add_up(places).plus(own)
        self._totals[id(definition)] = total
        return total

    def _places(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> Iterator[_Visit]:
        """Yield the selections, parents first. Without recursion, because the client decides on the nesting."""
        pending = [_Visit(each, -1, self._root(definition)) for each in definition.selection_set.selections]
        position = 0
        while pending:
            place = pending.pop()
            yield place
            inner = getattr(place.node, "selection_set", None)
            if inner is not None:
                within = self._type_within(place)
                pending += [_Visit(each, position, within) for each in inner.selections]
            position += 1

    def _add_up(self, places: list[_Visit]) -> SelectionTotals:
        sums = [SelectionTotals()] * (len(places) + 1)  # the last is the definition's own, at position −1
        for position in range(len(places) - 1, -1, -1):
            place = places[position]
            sums[place.parent] = sums[place.parent].plus(self._total(place, sums[position]))
        return sums[-1]

    def _total(self, place: _Visit, inner: SelectionTotals) -> SelectionTotals:
        node = place.node
        if isinstance(node, FieldNode):
            return self._field_total(node, place.within, inner)
        own = SelectionTotals(directives=len(node.directives or ()), selections=1)
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments.get(node.name.value)
            return own if fragment is None else own.plus(self.totals(fragment))
        return own.plus(inner)

    def _field_total(self, node: FieldNode, within: GraphQLNamedType | None, inner: SelectionTotals) -> SelectionTotals:
        name = node.name.value
        times = self._times(node, _field(within, name))
        own = 1 if within is not None and (within.name, name) == _TABLE_COLUMNS else _COSTS.get(name, 1)
        return SelectionTotals(
            cost=min(own + times * inner.cost, _CEILING),
            depth=0 if name.startswith("__") else inner.depth + 1,
            aliases=inner.aliases + (node.alias is not None),
            directives=inner.directives + len(node.directives or ()),
            fields=1,
            repeats=inner.repeats,
            selections=inner.selections + 1,
            introspects=inner.introspects or name in _INTROSPECTION,
        )

    def _times(self, node: FieldNode, field: GraphQLField | None) -> int:
        """Return how many rows a field may have: its `first` or `top`, else the default."""
        if field is None:
            return 1
        requested = [self._rows(node, name, field.args[name]) for name in _MULTIPLIERS if name in field.args]
        if _TABLE in field.args:
            requested.append(self._table_rows(node))
        return math.prod(max(1, min(each, self._longest_list)) for each in requested)

    def _rows(self, node: FieldNode, name: str, argument: GraphQLArgument) -> int:
        rows = _whole(self._resolved(_value(node.arguments, name)))
        return _default(argument) if rows is None else rows

    def _table_rows(self, node: FieldNode) -> int:
        given = self._resolved(_value(node.arguments, _TABLE))
        if given is None:  # left to a variable's default, which is at most this long
            return self._longest_list
        top = _value(given.fields, "top") if isinstance(given, ObjectValueNode) else _member(given, "top")
        rows = _whole(self._resolved(top))
        return _TABLE_TOP if rows is None else rows

    def _resolved(self, given: object) -> object:
        """Return the value of a variable, and any other value unchanged."""
        if isinstance(given, VariableNode):
            return self._variables.get(given.name.value, self._defaults.get(given.name.value))
        return given

    def _root(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> GraphQLNamedType | None:
        if isinstance(definition, OperationDefinitionNode):
            return self._schema.get_root_type(definition.operation)
        return self._schema.get_type(definition.type_condition.name.value)

    def _type_within(self, place: _Visit) -> GraphQLNamedType | None:
        if isinstance(place.node, FieldNode):
            field = _field(place.within, place.node.name.value)
            return None if field is None else get_named_type(field.type)
        condition = place.node.type_condition if isinstance(place.node, InlineFragmentNode) else None
        return place.within if condition is None else self._schema.get_type(condition.name.value)


def _repeats(places: list[_Visit]) -> int:
    """Count repeated fields of one selection set. Fields of an inline fragment count in the set around it."""
    levels: list[int] = []
    for place in places:
        above = place.parent
        is_inline = above >= 0 and isinstance(places[above].node, InlineFragmentNode)
        levels.append(levels[above] if is_inline else above)
    seen = Counter(
        (level, (place.node.alias or place.node.name).value)
        for level, place in zip(levels, places, strict=True)
        if isinstance(place.node, FieldNode)
    )
    return seen.total() - len(seen)


def _directives(definition: OperationDefinitionNode | FragmentDefinitionNode) -> int:
    carriers: list[Any] = [definition, *(definition.variable_definitions or ())]
    return sum(len(each.directives or ()) for each in carriers)


def _field(within: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    return within.fields.get(name) if is_object_type(within) or is_interface_type(within) else None


def _value(nodes: Iterable[Any] | None, name: str) -> object:
    """Return the value of an argument or of an input's field, or None where it is not given."""
    return next((each.value for each in nodes or () if each.name.value == name), None)


def _member(given: object, name: str) -> object:
    return given.get(name) if isinstance(given, Mapping) else None


def _default(argument: GraphQLArgument) -> int:
    # A schema made by code carries the value, one made from SDL the literal.
    default = argument.default.literal if argument.default is not None else argument.default_value
    return _whole(default) or 1


def _whole_defaults(document: DocumentNode) -> Iterator[tuple[str, int]]:
    """Return the variables' whole-number defaults, the largest of each name last. All operations share fragments."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    variables = [each for operation in operations for each in operation.variable_definitions or ()]
    whole = [(each.variable.name.value, _whole(each.default_value)) for each in variables]
    return iter(sorted(((name, rows) for name, rows in whole if rows is not None), key=lambda pair: pair[1]))


def _whole(value: object) -> int | None:
    """Read a whole number from a literal or from JSON, where 5.0 counts too. None: it is no whole number."""
    if isinstance(value, IntValueNode):
        return int(value.value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None
