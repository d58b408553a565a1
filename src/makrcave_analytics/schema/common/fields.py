"""Ways to declare a field: by attribute, as optional input, by resolver."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from makrcave_analytics.resolvers.entities import things


def attribute(description: str) -> Any:
    """Declare a field that reads the attribute of the same name."""
    return strawberry.field(description=description)


def optional(description: str) -> Any:
    """Declare a field of an input that may be left out. Null means the same."""
    return strawberry.field(default=None, description=description)


def resolved(resolver: Callable[..., Any], description: str, type_: Any = None, **arguments: Any) -> Any:
    """Declare a field by its resolver. `type_` is the GraphQL type of the result, needed where that is an object.

    `arguments` give GraphQL types in place of the resolver's plain ones. An argument with a default may be null, which
    means the same as leaving it out.
    """
    return _with_arguments(strawberry.field(resolver=resolver, description=description, graphql_type=type_), arguments)


def changing(resolver: Callable[..., Any], description: str, type_: Any, **arguments: Any) -> Any:
    """Declare a field of Mutation, as `resolved` does. Its answer includes what earlier fields wrote."""
    field = resolved(resolver, description, type_, **arguments)
    field.extensions.append(EndSnapshots())
    return field


def of_row(name: str, description: str, type_: Any) -> Any:
    """Declare a field that reads a column of the row behind an object. Instants get the makerspace's offset."""
    return resolved(things.of_row(name), description, type_)


def subscribed(resolver: Callable[..., Any], description: str, type_: Any, **arguments: Any) -> Any:
    """Declare a field of Subscription, as `resolved` does. The resolver yields the events."""
    field = strawberry.subscription(resolver=resolver, description=description, graphql_type=type_)
    return _with_arguments(field, arguments)


def _with_arguments(field: StrawberryField, arguments: dict[str, Any]) -> StrawberryField:
    defaults = {a.python_name: a.default for a in field.arguments if a.default not in (UNSET, None)}
    if field.arguments:
        field.arguments = [_argument(argument, arguments) for argument in field.arguments]
    if defaults:
        field.extensions.append(NullIsDefault(defaults))
    return field


class EndSnapshots(FieldExtension):
    """Ends the snapshots that earlier fields opened, because they do not show later writes."""

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Close the snapshots, then resolve."""
        await info.context.close()
        return await next_(source, info, **arguments)


class NullIsDefault(FieldExtension):
    """Replaces null by the argument's default."""

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults

    def resolve(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Replace nulls, then resolve."""
        missing = {name: default for name, default in self._defaults.items() if arguments.get(name) is None}
        return next_(source, info, **arguments | missing)

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Replace nulls, then resolve."""
        return await self.resolve(next_, source, info, **arguments)


def _argument(plain: StrawberryArgument, types: dict[str, Any]) -> StrawberryArgument:
    annotation = types.get(plain.python_name, plain.type_annotation.annotation)
    is_optional = plain.default is not UNSET
    return StrawberryArgument(
        plain.python_name,
        plain.graphql_name,
        StrawberryAnnotation(annotation | None if is_optional else annotation),
        default=UNSET if plain.default is None else plain.default,
    )
