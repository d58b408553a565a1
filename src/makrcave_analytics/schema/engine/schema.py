"""The schema that operations run against. schema.graphql in this folder is its snapshot."""

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from makrcave_analytics.schema.common.scalars import SCALARS
from makrcave_analytics.schema.engine.documents import Documents
from makrcave_analytics.schema.root import Mutation, Query, Subscription


class AnalyticsSchema(strawberry.Schema):
    """A Strawberry schema with the documents prepared for it."""

    def __init__(self, query: type, mutation: type | None = None, subscription: type | None = None) -> None:
        config = StrawberryConfig(scalar_map=SCALARS)
        super().__init__(query=query, mutation=mutation, subscription=subscription, config=config)
        self.documents = Documents(self.graphql)

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core has it; Strawberry gives no public way to it."""
        return self._schema

    def sdl(self) -> str:
        """Return the schema as clients read it."""
        return self.as_str() + "\n"


SCHEMA = AnalyticsSchema(Query, Mutation, Subscription)
