"""Creates makerspaces and changes their settings."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Conflict
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.audit import Note, write_note
from makrcave_analytics.recording.entity_inputs import MakerspaceInput
from makrcave_analytics.recording.locking import NothingNew, in_transaction, lock
from makrcave_analytics.recording.settings.options import SET_AT_FIRST, SETTINGS, checked, checked_new
from makrcave_analytics.recording.settings.time_zone import set_zone


@dataclass(frozen=True)
class Author:
    """The person who changes settings, the time of the change, and the randomness of ids."""

    user_id: str
    now: datetime
    randomness: Callable[[int], bytes]


async def create_makerspace(
    database: Database, makerspace: MakerspaceId, raw: MakerspaceInput, *, author: Author
) -> None:
    """Create a makerspace. One with the same id and settings stays as it is.

    Raises: Invalid, naming the field; Conflict where the id is taken; Unavailable.
    """
    values = checked_new(raw)

    async def write(connection: Any) -> None:
        made = await connection.fetchval(_CREATE, makerspace.value, *values.values(), author.now)
        if made is None:
            there = await connection.fetchrow(_STORED, makerspace.value)
            if {name: there[name] for name in values} != values:
                raise Conflict("A makerspace with this id and other settings is there, and stays.", path=("id",))
            return
        note = Note(author.user_id, "createMakerspace", str(makerspace), values)
        await write_note(connection, makerspace, note, author.now, author.randomness)

    await in_transaction(database, makerspace, write)


_CREATE = f"""
    INSERT INTO makerspaces (id, {", ".join(SET_AT_FIRST)}, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 - made of constants


async def update_makerspace(
    database: Database, makerspace: MakerspaceId, raw: Mapping[str, Any], *, author: Author, seconds: float = 600
) -> None:
    """Change settings, by column: all of them or none. Another zone rebuilds the roll-ups.

    `seconds` is the timeout of each statement of a rebuild.

    Raises: Invalid, naming the field; Conflict where the zone is fixed; NotFound; Unavailable.
    """
    values = checked(raw)

    async def write(connection: Any) -> None:
        locked = await lock(connection, makerspace, Section)
        there = await connection.fetchrow(_STORED, makerspace.value)
        changed = {name: value for name, value in values.items() if there[name] != value}
        if not changed:
            raise NothingNew(None)
        if "time_zone" in changed:
            await set_zone(connection, makerspace, locked, changed["time_zone"])
        for column, value in changed.items():
            if column != "time_zone":
                await connection.execute(_update(column), makerspace.value, _parameter(column, value))
        note = Note(author.user_id, "updateMakerspace", str(makerspace), _noted(changed))
        await write_note(connection, makerspace, note, author.now, author.randomness)

    await in_transaction(database, makerspace, write, seconds=seconds if "time_zone" in values else 10)


_STORED = f"SELECT {', '.join(SETTINGS)} FROM makerspaces WHERE id = $1"  # noqa: S608 - made of constants


def _update(column: str) -> str:
    cast = "::jsonb" if SETTINGS[column].is_json else ""
    return f"UPDATE makerspaces SET {column} = $2{cast} WHERE id = $1"  # noqa: S608 - one of the settings' columns


def _parameter(column: str, value: Any) -> Any:
    return json.dumps(value) if SETTINGS[column].is_json else value


def _noted(changed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the audit log keeps: the new values, and of an image only that it changed."""
    return {column: "changed" if SETTINGS[column].is_binary else value for column, value in changed.items()}
