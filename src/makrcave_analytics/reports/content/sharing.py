"""The key under which reports share a file: a digest of all that decides what the file holds."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import makerspaces
from makrcave_analytics.period import local_day
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.report import Report

_MAKERS = tuple(f"makrcave_analytics.{package}" for package in ("reports", "metrics", "period", "models"))
"""The packages that decide what a file holds and looks like: labels of periods and currencies are in the last two."""


@cache
def template_version() -> str:
    """Digest the code that makes files, so that a release with other code makes new ones."""
    return code_digest(files(package) for package in _MAKERS)


def code_digest(packages: Iterable[Traversable]) -> str:
    """Digest the Python code of packages and of all their sub-packages."""
    digest = hashlib.sha256()
    for package in packages:
        for source in _sources(package):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _sources(each)
        elif each.name.endswith(".py"):
            yield each


async def sharing_key(connection: AsyncConnection, report: Report, data_version: int) -> bytes | None:
    """Return the key of a report's file; None for what is never shared.

    The local day of the request counts: "as of now" means something else tomorrow.
    """
    if definition_of(report.type).is_personal:
        return None
    own = makerspaces.c
    looks = select(own.time_zone, own.name, own.locale, own.currency, own.brand_color, func.md5(own.logo))
    zone, *row = (await connection.execute(looks.where(own.id == report.makerspace.value))).one()
    days = (report.days.start_date, report.days.end_date)
    day = local_day(report.requested_at, ZoneInfo(zone))
    decisive = [report.spec.content(), days, day, zone, row, data_version, template_version()]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).digest()
