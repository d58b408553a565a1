"""The network: several makerspaces side by side."""

from datetime import datetime

import strawberry
from strawberry.tools import create_type

from makrcave_analytics.metrics.catalog.equipment import machines_overdue, used_hours, utilization
from makrcave_analytics.metrics.catalog.inventory import low_stock_items
from makrcave_analytics.metrics.catalog.revenue import net_revenue
from makrcave_analytics.metrics.catalog.usage import active_members, events, members, new_members
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.resolvers.metrics import metric, network
from makrcave_analytics.schema.common.connections import connection, named
from makrcave_analytics.schema.common.fields import attribute, resolved
from makrcave_analytics.schema.common.makerspace import Makerspace
from makrcave_analytics.schema.common.period import Period
from makrcave_analytics.schema.common.scalars import Long
from makrcave_analytics.schema.metrics.metric import Metric
from makrcave_analytics.schema.metrics.revenue import CurrencyTotal

METRICS = (
    events, active_members, members, new_members, used_hours, utilization, machines_overdue, low_stock_items,
    net_revenue,
)  # fmt: skip

NetworkRow = create_type(
    "NetworkRow",
    [
        named("makerspace", Makerspace, "The makerspace.", network.makerspace),
        *(
            named(m.key, Metric | None if m.unit is Unit.MONEY else Metric, m.description, metric.measured(m))
            for m in METRICS
        ),
    ],
    description="One makerspace: its own numbers, of its own days and in its own currency.",
)
NetworkConnection = connection("Network", NetworkRow)


@strawberry.type(description="Sums over makerspaces; someone active in two counts twice.")
class NetworkTotals:
    """Sums over makerspaces."""

    makerspaces = resolved(network.makerspaces, "How many there are.")
    members = resolved(network.counted(members), "Members at the end of the period, or now.")
    active_members = resolved(network.counted(active_members), "Active members of each.")
    events = resolved(network.counted(events), "Events.", Long)
    used_hours = resolved(network.used, "Hours for which machines were used.")
    net = resolved(
        network.net, "What was taken in the period, in each currency. Empty without READ_MONEY.", list[CurrencyTotal]
    )


@strawberry.type(
    description="Every makerspace of the viewer, side by side: each counts the period by its own calendar."
)
class NetworkAnalytics:
    """Makerspaces side by side."""

    period: Period = attribute("The period as UTC's calendar has it.")
    compared_with: Period | None = attribute("What it is compared with.")
    computed_at: datetime = attribute("The instant that counts as now.")
    totals = resolved(network.same, "All of them together.", NetworkTotals)
    rows = resolved(network.rows, "One by one. `search` is part of a name.", NetworkConnection | None)
