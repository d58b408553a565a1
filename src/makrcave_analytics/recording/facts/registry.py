"""The registry of fact kinds. Recording, voids and imports walk over it."""

from collections.abc import Mapping
from typing import Any

from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.facts.inventory import INVENTORY_USAGE
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.revenue import REVENUE
from makrcave_analytics.recording.facts.sessions import SESSIONS

KINDS: Mapping[FactKind, Kind[Any]] = {kind.fact: kind for kind in (EVENTS, SESSIONS, INVENTORY_USAGE, REVENUE)}
