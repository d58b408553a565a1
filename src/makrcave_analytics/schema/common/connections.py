"""Connections: pages of lists, of one shape for every kind of node."""

from typing import Any

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from makrcave_analytics.resolvers.common.paging import total_count
from makrcave_analytics.schema.common.fields import attribute, resolved


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool = attribute("Whether more follow.")
    has_previous_page: bool = attribute("Whether some came before.")
    start_cursor: str | None = attribute("The cursor of the first; null on an empty page.")
    end_cursor: str | None = attribute("The cursor of the last, to continue after.")


def connection(name: str, node: Any) -> Any:
    """Make the connection type of a node type, with its edge type."""
    edge = create_type(
        f"{name}Edge",
        [
            named("node", node, "The node."),
            named("cursor", str, "Continues after this node."),
        ],
        description=f"A place in a list of {node.__name__}.",
    )
    return create_type(
        f"{name}Connection",
        [
            named("edges", list[edge], "The nodes with their cursors."),  # type: ignore[valid-type]
            named("nodes", list[node], "The nodes."),
            named("pageInfo", PageInfo, "Where the page lies in its list.", python_name="page_info"),
            named("totalCount", int | None, "How many there are in all; null beyond 100,000.", total_count),
        ],
        description=f"A page of {node.__name__}.",
    )


def listed(name: str, page: Any, pages: Any, filter_: Any, description: str) -> Any:
    """Make the field of a section's list of machines, items or projects, each with its own numbers."""
    ordered = "Ordered by money it is ordered by name without READ_MONEY."
    field = resolved(page, f"{description} {ordered}", pages | None, filter=filter_)
    field.python_name = field.graphql_name = name
    return field


def named(
    name: str, type_: Any, description: str, resolver: Any = None, python_name: str | None = None
) -> StrawberryField:
    """Make a field for `create_type`."""
    field: StrawberryField = strawberry.field(resolver=resolver, name=name, description=description, graphql_type=type_)
    field.python_name = python_name or name
    return field
