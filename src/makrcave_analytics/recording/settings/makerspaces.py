"""Makerspaces made, and their settings changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Conflict
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.audit import Note, write_note
from makrcave_analytics.recording.entity_inputs import MakerspaceInput, MakerspaceSettingsInput
from makrcave_analytics.recording.locking import NothingNew, in_transaction, lock
from makrcave_analytics.recording.settings.options import checked, checked_new
from makrcave_analytics.recording.settings.time_zone import set_zone


@dataclass(frozen=True)
class Author:
    """Who changes settings, when, and where the randomness of ids comes from."""

    user_id: str
    now: datetime
    randomness: Callable[[int], bytes]


async def create_makerspace(
    database: Database, makerspace: MakerspaceId, raw: MakerspaceInput, *, author: Author
) -> None:
    """Make a makerspace; one that is there with the same settings stays as it is.

    Raises: Invalid, naming the field; Conflict where the id is taken; Unavailable.
    """
    values = checked_new(raw)

    async def write(connection: Any) -> None:
        made = await connection.fetchval(_CREATE, makerspace.value, *values.values(), author.now)
        if made is None:
            there = await connection.fetchrow(_THERE, makerspace.value)
            if {name: there[name] for name in values} != values:
                raise Conflict("A makerspace with this id and other settings is there, and stays.", path=("id",))
            return
        note = Note(author.user_id, "createMakerspace", str(makerspace), values)
        await write_note(connection, makerspace, note, author.now, author.randomness)

    await in_transaction(database, makerspace, write)


_CREATE = """
    INSERT INTO makerspaces (id, name, time_zone, currency, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING RETURNING id
"""


async def update_makerspace(
    database: Database, makerspace: MakerspaceId, raw: MakerspaceSettingsInput, *, author: Author, seconds: float = 600
) -> None:
    """Change settings, all of them or none. Another zone counts everything anew, in at most `seconds` a statement.

    Raises: Invalid, naming the field; Conflict where the zone is fixed; NotFound; Unavailable.
    """
    values = checked(raw)

    async def write(connection: Any) -> None:
        locked = await lock(connection, makerspace, Section)
        there = await connection.fetchrow(_THERE, makerspace.value)
        changed = {name: value for name, value in values.items() if there[name] != value}
        if not changed:
            raise NothingNew(None)
        zone = changed.pop("time_zone", None)
        if zone is not None:
            await set_zone(connection, makerspace, locked, zone)
        for name, value in changed.items():
            await connection.execute(_update(name), makerspace.value, _written(name, value))
        note = Note(author.user_id, "updateMakerspace", str(makerspace), _told(changed, zone))
        await write_note(connection, makerspace, note, author.now, author.randomness)

    await in_transaction(database, makerspace, write, seconds=seconds if "time_zone" in values else 10)


_LISTS = ("opening_hours", "closures")
_THERE = """
    SELECT name, time_zone, currency, locale, week_start, fiscal_year_start_month, opening_hours, closures,
           brand_color, logo
    FROM makerspaces WHERE id = $1
"""


def _update(column: str) -> str:
    cast = "::jsonb" if column in _LISTS else ""
    return f"UPDATE makerspaces SET {column} = $2{cast} WHERE id = $1"  # noqa: S608 - one of the columns below


def _written(name: str, value: Any) -> Any:
    return json.dumps(value) if name in _LISTS else value


def _told(changed: dict[str, Any], zone: str | None) -> dict[str, Any]:
    """Say what was changed to what; of a picture, that it was."""
    told = {name: value for name, value in changed.items() if name != "logo"}
    return told | ({"logo": "changed"} if "logo" in changed else {}) | ({"time_zone": zone} if zone else {})
