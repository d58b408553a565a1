"""Notes on numbers of any section: sample data, running periods, hidden values."""

from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.query import Scope

MONEY = "Money is left out: it is shown to those who may see it (READ_MONEY)."
SAMPLE = "These are made-up sample data, not what happened."
RUNNING = "The period is still running: the last bucket of a series is not complete."
UNITS = "Items of several units were used up, which do not add up to one quantity: ask for it by item."


def money_notes(visibility: Visibility) -> list[str]:
    """Return the note that money is left out, where it is."""
    return [] if visibility.money else [MONEY]


def small_group_notes(visibility: Visibility) -> list[str]:
    """Return the note that small groups of people are hidden, where they are."""
    if not visibility.hides_small_groups:
        return []
    return [f"Groups of fewer than {visibility.min_group_size} people are not shown."]


def scope_notes(scope: Scope) -> list[str]:
    """Return the notes on all numbers of a scope."""
    notes = [(scope.makerspace.origin == "SAMPLE", SAMPLE), (scope.period.is_running, RUNNING)]
    return [note for holds, note in notes if holds]
