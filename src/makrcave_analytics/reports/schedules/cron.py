"""Cron expressions in a makerspace's zone. Pure: no row, no clock.

Five fields, with the rules of Debian's cron for daylight saving. A fixed time that is skipped runs right after the
jump; one that occurs twice runs the first time. With * in the minutes or hours every real hour counts.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from makrcave_analytics.errors import Invalid

MAX_LENGTH = 100
ACCEPTED = (
    'cron must be five fields, "minute hour day-of-month month day-of-week", each a number, a name like MON or JAN, a '
    'list 1,15, a range MON-FRI, a step */2 or *; L is the last day: "0 8 * * MON" is Mondays at 8.'
)
_FIELDS = 5


def check_cron(raw: str) -> str:
    """Return an expression in its canonical spelling.

    Raises: Invalid, naming what is accepted.
    """
    fields = raw.split()
    path = ("input", "cron")
    if len(raw) > MAX_LENGTH or len(fields) != _FIELDS or not raw.isascii():
        raise Invalid(ACCEPTED, path=path)
    cron = " ".join(fields).upper()
    try:
        comes = next_run(cron, ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, ValueError, AssertionError) as error:
        raise Invalid(ACCEPTED, path=path) from error
    if comes is None:
        raise Invalid(f'"{cron}" names a day that never comes.', path=path)
    return cron


def next_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Find the first run after an instant, in UTC; None where there is none in 50 years."""
    for run in CronSim(cron, after.astimezone(zone)):
        # In an hour that occurs twice, the search begins with its first occurrence, which may be over.
        if (instant := run.astimezone(UTC)) > after:
            return instant
    return None
