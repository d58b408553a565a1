"""Fixtures of reports."""

from tests.plugins.database import database, make_makerspace, migrated_url, owner
from tests.reports.plugin import add_events, ask, berlin, folder, keys, migrated, storage, workshop

__all__ = [
    "add_events",
    "ask",
    "berlin",
    "database",
    "folder",
    "keys",
    "make_makerspace",
    "migrated",
    "migrated_url",
    "owner",
    "storage",
    "workshop",
]
