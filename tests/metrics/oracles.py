"""The oracles of the whole catalogue."""

from tests.metrics.oracle import ORACLES as USAGE
from tests.metrics.oracle import Oracle

from makrcave_analytics.metrics.vocabulary import Section

ORACLES: dict[tuple[Section, str], Oracle] = {**USAGE}
