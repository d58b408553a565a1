"""What a reader of numbers should know, whatever they are about. Those of one section stand beside its numbers."""

from makrcave_analytics.metrics.query import Scope

MONEY = "Money is left out: it is shown to those who may see it (READ_MONEY)."
SAMPLE = "These are made-up sample data, not what happened."
RUNNING = "The period is still running: the last bucket of a series is not complete."
UNITS = "Items of several units were used up, which do not add up to one quantity: ask for it by item."


def small_groups(least: int) -> list[str]:
    """Return what tells that small groups of people are hidden, where any is."""
    return [f"Groups of fewer than {least} people are not shown."] if least > 1 else []


def scope_notes(scope: Scope) -> list[str]:
    """Return what holds for all numbers of a scope."""
    notes = [(scope.makerspace.origin == "SAMPLE", SAMPLE), (scope.period.is_running, RUNNING)]
    return [note for holds, note in notes if holds]
