"""The default grain of a period, and the check of a requested one."""

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period.bucket import check_count
from makrcave_analytics.period.days import add_months
from makrcave_analytics.period.period import Period
from makrcave_analytics.period.vocabulary import Grain

MAX_HOUR_YEARS = 10


def default_grain(period: Period, finest: Grain = Grain.HOUR) -> Grain:
    """Return HOUR up to 2 days, DAY up to 92, WEEK up to 400, else MONTH; never finer than `finest`."""
    if period.days <= 2:
        usual = Grain.HOUR
    elif period.days <= 92:
        usual = Grain.DAY
    elif period.days <= 400:
        usual = Grain.WEEK
    else:
        usual = Grain.MONTH
    return max(usual, finest, key=lambda grain: grain.rank)


def check_grain(
    grain: Grain,
    finest: Grain,
    period: Period,
    path: tuple[str, ...] = ("grain",),
    max_hour_days: int | None = None,
) -> None:
    """Check that a grain is not finer than a metric's finest, and not too fine for the period.

    HOUR is for periods of at most 10 years, or of `max_hour_days` if given: 31 for distinct members.

    Raises: Invalid, which names the accepted grains.
    """
    coarser = [other for other in Grain if other.rank >= finest.rank]
    if grain not in coarser:
        raise Invalid(f"{grain} is finer than this metric is kept. Accepted: {', '.join(coarser)}.", path=path)
    if grain is Grain.HOUR:
        _check_hours(period, path, max_hour_days)
    check_count(grain, period.days, path)


def _check_hours(period: Period, path: tuple[str, ...], max_days: int | None) -> None:
    accepted = ", ".join(other for other in Grain if other is not Grain.HOUR)
    if max_days is not None and period.days > max_days:
        raise Invalid(
            f"HOUR needs a period of at most {max_days} days here. Accepted for this one: {accepted}.", path=path
        )
    if period.end_date >= add_months(period.start_date, 12 * MAX_HOUR_YEARS):
        raise Invalid(
            f"HOUR needs a period of at most {MAX_HOUR_YEARS} years. Accepted for this one: {accepted}.", path=path
        )
