"""The ways to declare a field: what an attribute holds, what may be left out, what a resolver returns."""

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
    """Declare a field that is the attribute of the same name."""
    return strawberry.field(description=description)


def optional(description: str) -> Any:
    """Declare a field of an input that may be left out, which is the same as null."""
    return strawberry.field(default=None, description=description)


def resolved(resolver: Callable[..., Any], description: str, type_: Any = None, **arguments: Any) -> Any:
    """Declare a field by its resolver; `type_` is what clients see of what it returns, where that is an object.

    `arguments` are the types that clients see in place of the plain ones of the resolver. An argument with a default
    may be null, which is the same as leaving it out.
    """
    return _with_arguments(strawberry.field(resolver=resolver, description=description, graphql_type=type_), arguments)


def changing(resolver: Callable[..., Any], description: str, type_: Any, **arguments: Any) -> Any:
    """Declare a field of Mutation, as `resolved` does: what it answers is read after all that was written before it."""
    field = resolved(resolver, description, type_, **arguments)
    field.extensions.append(ReadAnew())
    return field


def of_row(name: str, description: str, type_: Any) -> Any:
    """Declare a field that is what the row behind an object says; instants in the makerspace's offset."""
    return resolved(things.of_row(name), description, type_)


def subscribed(resolver: Callable[..., Any], description: str, type_: Any, **arguments: Any) -> Any:
    """Declare a field of Subscription, as `resolved` does: the resolver yields what happens, one after the other."""
    field = strawberry.subscription(resolver=resolver, description=description, graphql_type=type_)
    return _with_arguments(field, arguments)


def _with_arguments(field: StrawberryField, arguments: dict[str, Any]) -> StrawberryField:
    defaults = {a.python_name: a.default for a in field.arguments if a.default not in (UNSET, None)}
    if field.arguments:
        field.arguments = [_argument(argument, arguments) for argument in field.arguments]
    if defaults:
        field.extensions.append(NullIsDefault(defaults))
    return field


class ReadAnew(FieldExtension):
    """Ends the snapshots that fields before this one opened: they are older than what was written since."""

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Resolve without them."""
        await info.context.close()
        return await next_(source, info, **arguments)


class NullIsDefault(FieldExtension):
    """Puts the default where a client sent null."""

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults

    def resolve(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Resolve with the defaults in place."""
        missing = {name: default for name, default in self._defaults.items() if arguments.get(name) is None}
        return next_(source, info, **arguments | missing)

    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        """Resolve with the defaults in place."""
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
