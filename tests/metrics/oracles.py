"""The oracles of the whole catalogue."""

from typing import Any

from tests.metrics.equipment_oracle import EQUIPMENT
from tests.metrics.inventory_oracle import INVENTORY
from tests.metrics.oracle import ORACLES as USAGE
from tests.metrics.projects_oracle import PROJECTS
from tests.metrics.revenue_oracle import REVENUE

from makrcave_analytics.metrics.vocabulary import Section

ORACLES: dict[tuple[Section, str], Any] = {**USAGE, **REVENUE, **INVENTORY, **PROJECTS, **EQUIPMENT}
"""Each has `values` and `parts`, as Oracle."""
