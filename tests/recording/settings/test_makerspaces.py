"""Makerspaces are created and changed: checked, all or nothing, with an audit entry."""

import base64
import struct
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.plugins.database import mint
from tests.recording.factories import login

from makrcave_analytics.errors import Conflict, Invalid, NotFound
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.entity_inputs import (
    ClosureInput,
    MakerspaceInput,
    OpeningHoursInput,
)
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.settings.makerspaces import Author, create_makerspace, update_makerspace
from makrcave_analytics.recording.settings.options import SETTINGS, new_makerspace_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AUTHOR = Author("ada", NOW, bytes)
NEW = MakerspaceInput("Workshop", "Asia/Kathmandu", "NPR", locale="ne-NP")
ID = mint(UUID("0f0e0d0c-0b0a-4908-8706-050403020100"))


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"


def jpeg(width: int, height: int) -> bytes:
    comment = b"\xff\xfe\x00\x06abcd"
    return b"\xff\xd8" + comment + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" * 10


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def test_a_makerspace_is_created_with_its_settings(owner, database) -> None:
    await create_makerspace(database, ID, NEW, author=AUTHOR)
    row = await owner.fetchrow("SELECT * FROM makerspaces")
    assert (row["id"], row["name"], row["time_zone"]) == (ID.value, "Workshop", "Asia/Kathmandu")
    assert (row["currency"], row["locale"], row["origin"], row["created_at"]) == ("NPR", "ne-NP", "LIVE", NOW)
    noted = await owner.fetchrow("SELECT user_id, action, subject, details->>'currency' FROM audit_log")
    assert tuple(noted) == ("ada", "createMakerspace", str(ID), "NPR")


async def test_the_same_makerspace_again_is_accepted_and_another_is_a_conflict(owner, database) -> None:
    await create_makerspace(database, ID, NEW, author=AUTHOR)
    await create_makerspace(database, ID, NEW, author=AUTHOR)
    with pytest.raises(Conflict):
        await create_makerspace(database, ID, MakerspaceInput("Other", "Asia/Kathmandu", "NPR"), author=AUTHOR)
    assert await owner.fetchval("SELECT count(*) FROM audit_log") == 1


@pytest.mark.parametrize(
    ("change", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"time_zone": "Europe/Atlantis"}, "timeZone"),
        ({"currency": "npr"}, "currency"),
        ({"currency": "ABC"}, "currency"),
        ({"locale": "xx-XX"}, "locale"),
        ({"locale": "\n"}, "locale"),
    ],
)
async def test_a_makerspace_with_a_bad_field_is_not_created(
    owner, database, change: dict[str, str], at_fault: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await create_makerspace(database, ID, MakerspaceInput(**vars(NEW) | change), author=AUTHOR)
    assert refused.value.path == (at_fault,)
    assert await owner.fetchval("SELECT count(*) FROM makerspaces") == 0


def test_the_id_of_a_new_makerspace_is_a_uuid() -> None:
    fresh = UUID(int=7)
    assert new_makerspace_id(None, lambda: fresh) == fresh
    assert new_makerspace_id(str(ID).upper(), lambda: fresh) == ID.value
    for bad in ("", "x", "0" * 32, str(UUID(int=0)), f"{{{ID}}}", f"urn:uuid:{ID}"):
        with pytest.raises(Invalid):
            new_makerspace_id(bad, lambda: fresh)


async def test_given_settings_change_and_the_others_stay(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace(locale="de", week_start=6)
    hours = [
        OpeningHoursInput(DayOfWeek.SUNDAY, "10:00", "24:00"),
        OpeningHoursInput(DayOfWeek.MONDAY, "13:00", "21:30"),
        OpeningHoursInput(DayOfWeek.MONDAY, "09:00", "12:00"),
    ]
    settings = {
        "name": "Loft",
        "fiscal_year_start_month": 4,
        "opening_hours": hours,
        "closures": [
            ClosureInput(date(2026, 12, 24), date(2026, 12, 26), "Holidays"),
            ClosureInput(*[date(2026, 5, 1)] * 2),
        ],
        "brand_color": "#AABBCC",
        "logo": encoded(png(10, 20)),
    }
    await update_makerspace(database, makerspace, settings, author=AUTHOR)
    row = await owner.fetchrow(
        "SELECT *, opening_hours->0->>'from' AS first, closures->1->>'name' AS last FROM makerspaces"
    )
    assert (row["name"], row["time_zone"], row["locale"], row["week_start"]) == ("Loft", "Europe/Berlin", "de", 6)
    assert (row["fiscal_year_start_month"], row["brand_color"], row["logo"]) == (4, "#aabbcc", png(10, 20))
    assert (row["first"], row["last"], row["data_version"]) == ("09:00", "Holidays", 1)
    noted = await owner.fetchrow("SELECT user_id, action, details->>'name', details->>'logo' FROM audit_log")
    assert tuple(noted) == ("ada", "updateMakerspace", "Loft", "changed")
    # Again, and nothing at all: nothing changes.
    for same in (settings, {}):
        await update_makerspace(database, makerspace, same, author=AUTHOR)
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 1


async def test_null_goes_back_to_the_default(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace(
        locale="de", week_start=6, fiscal_year_start_month=4, brand_color="#aabbcc", logo=b"x",
        opening_hours='[{"day": 0, "from": "09:00", "to": "10:00"}]',
        closures='[{"start_date": "2026-01-01", "end_date": "2026-01-01"}]',
    )  # fmt: skip
    nulls = {name: None for name in SETTINGS if name not in ("name", "time_zone", "currency")}
    await update_makerspace(database, makerspace, nulls, author=AUTHOR)
    row = await owner.fetchrow("SELECT * FROM makerspaces")
    assert (row["locale"], row["week_start"], row["fiscal_year_start_month"]) == ("en", 0, 1)
    assert (row["opening_hours"], row["closures"], row["brand_color"], row["logo"]) == ("[]", "[]", None, None)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": None}, "name"),
    "no zone": ({"time_zone": None}, "timeZone"),
    "no currency": ({"currency": None}, "currency"),
    "an unknown zone": ({"time_zone": "+02:00"}, "timeZone"),
    "month 0": ({"fiscal_year_start_month": 0}, "fiscalYearStartMonth"),
    "month 13": ({"fiscal_year_start_month": 13}, "fiscalYearStartMonth"),
    "hours that are none": ({"opening_hours": [OpeningHoursInput(DayOfWeek.MONDAY, "9", "10")]}, "openingHours"),
    "a closure that ends before": ({"closures": [ClosureInput(date(2026, 1, 2), date(2026, 1, 1))]}, "closures"),
    "a closure on no day": ({"closures": [ClosureInput(Malformed("x", "No."), date(2026, 1, 1))]}, "closures"),
    "101 closures": ({"closures": [ClosureInput(date(2026, 1, 1), date(2026, 1, 1))] * 101}, "closures"),
    "a color by name": ({"brand_color": "red"}, "brandColor"),
    "a color with style": ({"brand_color": "#fff;x"}, "brandColor"),
    "a logo that is no base64": ({"logo": "%%%"}, "logo"),
    "a logo of no bytes": ({"logo": ""}, "logo"),
    "a logo of SVG": ({"logo": encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "logo"),
    "a logo of GIF": ({"logo": encoded(b"GIF89a" + bytes(50))}, "logo"),
    "a PNG cut off": ({"logo": encoded(png(10, 10)[:18])}, "logo"),
    "a JPEG cut off": ({"logo": encoded(jpeg(10, 10)[:12])}, "logo"),
    "a PNG of 20,000²": ({"logo": encoded(png(20_000, 20_000))}, "logo"),
    "a JPEG of 20,000²": ({"logo": encoded(jpeg(20_000, 20_000))}, "logo"),
    "a PNG without pixels": ({"logo": encoded(png(0, 10))}, "logo"),
    "a PNG of 200,001 bytes": ({"logo": encoded(png(10, 10).ljust(200_001))}, "logo"),
    "a megabyte": ({"logo": "A" * 2**20}, "logo"),
}


@pytest.mark.parametrize(("fields", "at_fault"), BAD.values(), ids=BAD)
async def test_a_bad_setting_is_named_and_nothing_changes(make_makerspace, owner, database, fields, at_fault) -> None:
    makerspace = await make_makerspace()
    settings = {"name": "Other", "week_start": DayOfWeek.SUNDAY} | fields
    with pytest.raises(Invalid) as refused:
        await update_makerspace(database, makerspace, settings, author=AUTHOR)
    assert refused.value.path == (at_fault,)
    assert tuple(await owner.fetchrow("SELECT name, week_start FROM makerspaces")) == ("Workshop", 0)


@pytest.mark.parametrize("picture", [jpeg(640, 480), png(4000, 4000), png(1, 1).ljust(200_000)])
async def test_images_within_the_limits_are_accepted(make_makerspace, owner, database, picture) -> None:
    makerspace = await make_makerspace()
    await update_makerspace(database, makerspace, {"logo": encoded(picture)}, author=AUTHOR)
    assert await owner.fetchval("SELECT logo FROM makerspaces") == picture


async def test_another_zone_rebuilds_the_rollups(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    await record(makerspace, [login(timestamp=datetime(2026, 2, 10, 22, 30, tzinfo=UTC))])
    settings = {"time_zone": "Asia/Kathmandu", "name": "Loft"}
    await update_makerspace(database, makerspace, settings, author=AUTHOR)
    assert await owner.fetchval("SELECT local_day::text FROM event_hours") == "2026-02-11"
    assert tuple(await owner.fetchrow("SELECT name, time_zone, data_version FROM makerspaces")) == (
        "Loft", "Asia/Kathmandu", 2,
    )  # fmt: skip
    assert await verify_rollups(database, makerspace) == []


async def test_a_change_of_a_fixed_zone_changes_no_other_setting(make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace(events_kept_since=NOW)
    settings = {"time_zone": "Asia/Kathmandu", "name": "Loft"}
    with pytest.raises(Conflict):
        await update_makerspace(database, makerspace, settings, author=AUTHOR)
    assert tuple(await owner.fetchrow("SELECT name, data_version FROM makerspaces")) == ("Workshop", 0)


async def test_an_unknown_makerspace_is_not_found(unknown_makerspace, database) -> None:
    with pytest.raises(NotFound):
        await update_makerspace(database, unknown_makerspace, {"name": "x"}, author=AUTHOR)
