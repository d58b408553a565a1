"""What a document comes to once its fragments are expanded, without expanding them.

Each fragment is looked at once, whatever number of spreads lead to it: its totals are added, never walked again,
so that the work grows with the length of the document alone. Takes anything that parses; judges nothing.
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
_HEADS = ("Table", "columns")
"""The heads of a table, named like a series as columns, but cheap."""
_MULTIPLIERS = ("first", "top")
_TABLE = "table"
"""An input whose `top` multiplies as an argument's would."""
_TABLE_TOP = 100
"""What it has by default."""
_INTROSPECTION = frozenset({"__schema", "__type"})
_CEILING = 1_000_000_000
"""Where sums stop growing: far beyond every limit, and still a small integer."""


class SelectionTotals(NamedTuple):
    """What one selection set, or one definition, comes to with all its fragments expanded."""

    cost: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    """Of its own level only."""
    repeats: int = 0
    selections: int = 0
    introspects: bool = False

    def plus(self, other: "SelectionTotals") -> "SelectionTotals":
        """Put two sums that stand beside each other together."""
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


class _Place(NamedTuple):
    """A selection where it stands."""

    node: SelectionNode
    parent: int
    """Its position among the places of its definition; −1: the definition itself."""
    within: GraphQLNamedType | None
    """The type that it selects from; None: unknown, which validation will tell."""


class DocumentCost:
    """The totals of a document's definitions. `visited` counts the selections looked at."""

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
        """Go through the operations, in the order of the document."""
        return (each for each in self._document.definitions if isinstance(each, OperationDefinitionNode))

    def totals(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> SelectionTotals:
        """Add a definition up, once. A fragment that spreads itself counts as nothing there: validation refuses it."""
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

    def _places(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> Iterator[_Place]:
        """Go through the selections, each before those within it, without recursion: nesting is the client's."""
        waiting = [_Place(each, -1, self._root(definition)) for each in definition.selection_set.selections]
        position = 0
        while waiting:
            place = waiting.pop()
            yield place
            inner = getattr(place.node, "selection_set", None)
            if inner is not None:
                within = self._type_within(place)
                waiting += [_Place(each, position, within) for each in inner.selections]
            position += 1

    def _add_up(self, places: list[_Place]) -> SelectionTotals:
        sums = [SelectionTotals()] * (len(places) + 1)  # the last is the definition's own, at position −1
        for position in range(len(places) - 1, -1, -1):
            place = places[position]
            sums[place.parent] = sums[place.parent].plus(self._total(place, sums[position]))
        return sums[-1]

    def _total(self, place: _Place, inner: SelectionTotals) -> SelectionTotals:
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
        own = 1 if within is not None and (within.name, name) == _HEADS else _COSTS.get(name, 1)
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
        """Tell how many rows a field may have: what it is told by `first` or `top`, else what it has by default."""
        if field is None:
            return 1
        asked = [self._rows(node, name, field.args[name]) for name in _MULTIPLIERS if name in field.args]
        if _TABLE in field.args:
            asked.append(self._table_rows(node))
        return math.prod(max(1, min(each, self._longest_list)) for each in asked)

    def _rows(self, node: FieldNode, name: str, argument: GraphQLArgument) -> int:
        asked = _whole(self._held(_value(node.arguments, name)))
        return _default(argument) if asked is None else asked

    def _table_rows(self, node: FieldNode) -> int:
        given = self._held(_value(node.arguments, _TABLE))
        if given is None:  # a variable's default: whatever it holds, it is no more than this
            return self._longest_list
        top = _value(given.fields, "top") if isinstance(given, ObjectValueNode) else _member(given, "top")
        asked = _whole(self._held(top))
        return _TABLE_TOP if asked is None else asked

    def _held(self, given: object) -> object:
        """Return what a variable holds; anything else as it is."""
        if isinstance(given, VariableNode):
            return self._variables.get(given.name.value, self._defaults.get(given.name.value))
        return given

    def _root(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> GraphQLNamedType | None:
        if isinstance(definition, OperationDefinitionNode):
            return self._schema.get_root_type(definition.operation)
        return self._schema.get_type(definition.type_condition.name.value)

    def _type_within(self, place: _Place) -> GraphQLNamedType | None:
        if isinstance(place.node, FieldNode):
            field = _field(place.within, place.node.name.value)
            return None if field is None else get_named_type(field.type)
        condition = place.node.type_condition if isinstance(place.node, InlineFragmentNode) else None
        return place.within if condition is None else self._schema.get_type(condition.name.value)


def _repeats(places: list[_Place]) -> int:
    """Count the fields that stand again beside themselves; an inline fragment's stand beside its own siblings."""
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
    """Return the value of an argument, or of a field of an input; None where it is not given."""
    return next((each.value for each in nodes or () if each.name.value == name), None)


def _member(given: object, name: str) -> object:
    return given.get(name) if isinstance(given, Mapping) else None


def _default(argument: GraphQLArgument) -> int:
    # A schema made by code carries the value, one made from SDL the literal.
    default = argument.default.literal if argument.default is not None else argument.default_value
    return _whole(default) or 1


def _whole_defaults(document: DocumentNode) -> Iterator[tuple[str, int]]:
    """Go through the variables' defaults, the largest of a name last: fragments are shared by all operations."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    variables = [each for operation in operations for each in operation.variable_definitions or ()]
    whole = [(each.variable.name.value, _whole(each.default_value)) for each in variables]
    return iter(sorted(((name, rows) for name, rows in whole if rows is not None), key=lambda pair: pair[1]))


def _whole(value: object) -> int | None:
    """Read a whole number as GraphQL does, of a literal or of JSON, where 5.0 is one too; None: it is none."""
    if isinstance(value, IntValueNode):
        return int(value.value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None
