"""Custom tables: any metrics of a section by any dimensions."""

from datetime import datetime
from decimal import Decimal

import strawberry

from makrcave_analytics.metrics.explore import inputs
from makrcave_analytics.metrics.vocabulary import Dimension, Unit
from makrcave_analytics.period import Grain
from makrcave_analytics.resolvers.metrics import explore
from makrcave_analytics.schema.common.answer import AnswerMeta
from makrcave_analytics.schema.common.fields import attribute, optional, resolved


@strawberry.input(
    description="Only, or without, what has these keys in a dimension. An empty list narrows nothing. Hours are 0…23, "
    "weekdays 0…6 from Monday; without READ_PEOPLE people are named by their pseudonyms."
)
class FilterInput(inputs.FilterInput):
    """A filter by the keys of a dimension."""

    dimension: Dimension = attribute("One that every metric of the table has.")
    in_: list[strawberry.ID] | None = strawberry.field(default=None, name="in", description="Only these; at most 100.")  # type: ignore[assignment]
    not_in: list[strawberry.ID] | None = optional("All but these; at most 100.")  # type: ignore[assignment]


@strawberry.input(description="By which of the metrics rows are put in order; those without a value come last.")
class TableOrder(inputs.TableOrder):
    """An order of rows."""

    metric: str = attribute("One of the table's.")
    descending: bool | None = strawberry.field(default=True, description="The largest first.")


@strawberry.input(description="Metrics of one section, up to three dimensions, a grain or none; at most 1,000 rows.")
class TableInput(inputs.TableInput):
    """The request for a table."""

    metrics: list[str] = attribute("Keys of the catalogue, all of one section, each once.")
    by: list[Dimension] | None = optional("Dimensions that every one of the metrics has, each once.")
    grain: Grain | None = optional("Rows for each bucket of the period; none: for all of it.")
    where: list[FilterInput] | None = optional("What is counted; all of them hold. At most 10.")  # type: ignore[assignment]
    order_by: TableOrder | None = optional(
        "Default: by bucket, then the largest of the first metric first; hours and weekdays alone in their order."
    )
    top: int | None = strawberry.field(default=100, description="How many rows, 1 to 1,000.")


@strawberry.type(description="A dimension (unit null), the bucket's start, or a metric.")
class TableColumn:
    """The head of a column."""

    key: str = attribute('The dimension, "start", or the key of the metric.')
    label: str = attribute("For people.")
    unit: Unit | None = attribute("What a metric's values count.")


@strawberry.type(
    description="keys and labels hold one entry a dimension; values, decimals, previous one a metric, in the order "
    "asked."
)
class TableRow:
    """A row."""

    start = resolved(explore.start, "The instant at which the bucket begins; null without a grain.", datetime | None)
    keys = resolved(explore.keys, "Null for what names none.", list[strawberry.ID | None])
    labels = resolved(explore.labels, "For people: the names where there are some, else the keys.", list[str])
    values = resolved(explore.values, "For charts. Null where the metric is undefined.", list[float | None])
    decimals = resolved(explore.decimals, "The same values, exact.", list[Decimal | None])
    previous = resolved(
        explore.previous,
        "Of the same keys in the compared period, and of what corresponds to the bucket there; null where nothing is "
        "compared.",
        list[float | None] | None,
    )


@strawberry.type(
    description="Any metrics by any dimensions: the custom query that no section shows. Without dimensions, or by "
    "hours and weekdays alone, a row for each bucket or hour; else for what was there."
)
class Table:
    """A table."""

    meta = resolved(explore.meta, "What the table is about.", AnswerMeta)
    columns = resolved(
        explore.columns, "The heads: the bucket's start, the dimensions, the metrics.", list[TableColumn]
    )
    rows = resolved(explore.rows, "In order.", list[TableRow])
    is_truncated = resolved(explore.is_truncated, "Whether there are more rows than top.", bool)
