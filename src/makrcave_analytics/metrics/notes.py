"""What a reader of numbers should know, whatever they are about. Those of one section stand beside its numbers."""

from makrcave_analytics.metrics.query import Scope
from makrcave_analytics.metrics.suppression import MIN_GROUP_SIZE

MONEY = "Money is left out: it is shown to those who may see it (READ_MONEY)."
SAMPLE = "These are made-up sample data, not what happened."
RUNNING = "The period is still running: the last bucket of a series is not complete."
SMALL_GROUPS = f"Groups of fewer than {MIN_GROUP_SIZE} people are not shown."
UNITS = "Items of several units were used up, which do not add up to one quantity: ask for it by item."


def scope_notes(scope: Scope) -> list[str]:
    """Return what holds for all numbers of a scope."""
    notes = [(scope.makerspace.origin == "SAMPLE", SAMPLE), (scope.period.is_running, RUNNING)]
    return [note for holds, note in notes if holds]
