"""Documents that ask for every field of `dashboard`, made of the schema: a new field is in them by itself.

One document may not hold them all. A piece is one field of a section, with one dimension of those that it can be broken
down by; as many pieces as the limits let pass are one document.
"""

from collections.abc import Iterator

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_object_type

from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.schema.engine.schema import SCHEMA

FEW = 1
"""Rows of each list, and slices of each breakdown: more would take more documents."""
_METRICS = {metric.key: metric for metric in CATALOG}
_TYPES = SCHEMA.graphql.type_map
_HEAD = "query($makerspaceId: ID, $period: PeriodInput) { dashboard(makerspaceId: $makerspaceId, period: $period"


def documents() -> list[str]:
    """Return documents that the limits let pass and that hold every piece."""
    waiting, made = list(_pieces()), []
    while waiting:
        taken = 1
        while taken < len(waiting) and _passes(_document(waiting[: taken + 1])):
            taken += 1
        made.append(_document(waiting[:taken]))
        waiting = waiting[taken:]
    return made


def fields_of(document: str) -> set[str]:
    """Return the fields of sections that a document of these asks for, each behind its section's name."""
    return {f"{section}.{text.split()[0].split('(')[0]}" for section, text in _pieces() if f" {text} " in document}


def section_fields() -> set[str]:
    """Return all fields of all sections, each behind its section's name."""
    return {f"{name}.{field}" for name, of in _sections().items() for field in of.fields}


def _pieces() -> Iterator[tuple[str, str]]:
    """Go through the pieces, the first dimension of every metric before the second of any: so they need no aliases."""
    for place in range(max(len(metric.dimensions) for metric in CATALOG)):
        for section, type_ in _sections().items():
            for name, field in type_.fields.items():
                if place < max(1, len(_dimensions(name))):
                    yield section, _field(name, field, place)


def _sections() -> dict[str, GraphQLObjectType]:
    dashboard = _object("Dashboard")
    return {name: _object(get_named_type(field.type).name) for name, field in dashboard.fields.items()}


def _field(name: str, field: GraphQLField, place: int) -> str:
    """Write a field with all that is within it; metrics with the dimension of that place, where they have one."""
    first = f"(first: {FEW})" if "first" in field.args else ""
    if _is_metric(field):
        by = _dimensions(name)
        broken_down = f" breakdown(by: {by[place]}, top: {FEW}) {{ ...Part }}" if by else ""
        return f"{name} {{ ...Whole{broken_down} }}"
    type_ = get_named_type(field.type)
    if not is_object_type(type_):
        return name
    # What stands on an edge is what stands among the nodes.
    inner = [each for each in _object(type_.name).fields.items() if each[0] != "node"]
    within = " ".join(_field(*each, 0) for each in inner)
    return f"{name}{first} {{ {within} }}"


def _dimensions(name: str) -> tuple[Dimension, ...]:
    return _METRICS[name].dimensions if name in _METRICS else ()


def _document(pieces: list[tuple[str, str]]) -> str:
    """Write a document; a piece that is in it twice, by different dimensions, gets an alias."""
    sections: dict[str, list[str]] = {}
    names: dict[str, int] = {}
    for section, text in pieces:
        name = text.split()[0]
        names[f"{section}.{name}"] = again = names.get(f"{section}.{name}", -1) + 1
        sections.setdefault(section, []).append(f"again{again}: {text}" if again else text)
    asked = " ".join(f"{section} {{ {' '.join(texts)} }}" for section, texts in sections.items())
    document = f"{_HEAD}, compareTo: PREVIOUS_PERIOD) {{ {asked} }} }}"
    for fragment, type_ in (("Whole", "Metric"), ("Part", "Slice")):
        if f"...{fragment}" in asked:
            fields = [each for each in _object(type_).fields.items() if each[0] != "breakdown"]
            document += f" fragment {fragment} on {type_} {{ {' '.join(_field(*each, 0) for each in fields)} }}"
    return document


def _passes(document: str) -> bool:
    operation = Operation(document, {}, None, read_only=False)
    return not SCHEMA.documents.prepare(operation, may_introspect=False).refusals


def _is_metric(field: GraphQLField) -> bool:
    return get_named_type(field.type).name == "Metric"


def _object(name: str) -> GraphQLObjectType:
    found = _TYPES[name]
    assert isinstance(found, GraphQLObjectType)
    return found
