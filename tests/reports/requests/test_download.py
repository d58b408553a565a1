"""Downloads: which links are accepted, and which are refused."""

import base64
import struct
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.reports.plugin import NOW, content

from makrcave_analytics.auth import Permission
from makrcave_analytics.errors import NotFound, Unauthenticated, Unavailable
from makrcave_analytics.reports.ids import seal_report
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.changes import delete_report, retry_report
from makrcave_analytics.reports.requests.download import DownloadLink, FileGone, download_link, open_download
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_report


@pytest.fixture
async def report(ask, runner, berlin, database) -> Report:
    asked = await ask(berlin)
    await runner.make(berlin, asked.id)
    return await find_report(database, berlin, asked.id)


@pytest.fixture
def link(report: Report, keys) -> DownloadLink:
    return download_link(keys, report.makerspace, report.id, NOW)


@pytest.fixture
def download(database, storage, keys):
    async def run(link: DownloadLink, now=NOW, path: str | None = None, signature: str | None = None) -> bytes:
        parts = urlsplit(link.path)
        named = path if path is not None else parts.path.split("/")[-2]
        signed = signature if signature is not None else parse_qs(parts.query)["signature"][0]
        opened = await open_download(database, storage, keys, named, signed, now)
        try:
            return b"".join([chunk async for chunk in opened.stored.chunks()])
        finally:
            opened.stored.close()

    return run


async def test_a_link_gives_the_file_and_its_name(report, link, download, folder, database, storage, keys) -> None:
    assert await download(link) == content(folder, report)
    signature = link.path.partition("?signature=")[2]
    opened = await open_download(
        database, storage, keys, seal_report(keys, report.makerspace, report.id), signature, NOW
    )
    opened.stored.close()
    assert (opened.file.name, opened.file.content_type) == (
        "werkstatt-sud-usage-2026-03-01-to-2026-03-31.csv",
        "text/csv; charset=utf-8; header=present",
    )
    assert opened.file.size_bytes == opened.stored.size_bytes


async def test_a_link_lasts_a_quarter_of_an_hour(link, download) -> None:
    assert link.expires_at == NOW + timedelta(minutes=15)
    assert await download(link, link.expires_at - timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        await download(link, link.expires_at)


async def test_a_signature_is_valid_for_its_own_report_only(ask, report, link, download, runner, berlin, keys) -> None:
    other = await ask(berlin)
    await runner.make(berlin, other.id)
    with pytest.raises(Unauthenticated):
        await download(link, path=seal_report(keys, berlin, other.id))


async def test_a_changed_signature_is_refused(link, download) -> None:
    signature = link.path.partition("?signature=")[2]
    for at in range(0, len(signature), 7):
        changed = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
        with pytest.raises(Unauthenticated):
            await download(link, signature=changed)
    for bad in ("", "x", signature[:-1], signature + "A", "é" * 40):
        with pytest.raises(Unauthenticated):
            await download(link, signature=bad)


@pytest.mark.parametrize(
    "path", ["../", "..", "%2e%2e%2f", "/etc/passwd", "", "x" * 3000, "1b8f3d2e-5a77-4c0e-9d41-6b0a2f7c9e15"]
)
async def test_an_id_of_no_report_is_not_found(link, download, path) -> None:
    with pytest.raises(NotFound):
        await download(link, path=path)


async def test_the_same_report_under_another_makerspace_is_refused(
    report, link, download, make_makerspace, keys
) -> None:
    other = await make_makerspace()
    with pytest.raises(Unauthenticated):
        await download(link, path=seal_report(keys, other, report.id))


async def test_a_report_without_a_file_is_not_found(ask, download, make_makerspace, keys) -> None:
    waiting = await ask(await make_makerspace())
    with pytest.raises(NotFound) as refused:
        await download(download_link(keys, waiting.makerspace, waiting.id, NOW))
    assert not isinstance(refused.value, FileGone)


async def test_an_expired_report_is_gone(link, download, owner) -> None:
    await owner.execute("UPDATE report_requests SET expires_at = now()")
    with pytest.raises(FileGone):
        await download(link)


async def test_a_deleted_or_truncated_file_is_gone(report, link, download, folder, storage) -> None:
    path = folder / str(report.makerspace) / str(report.file.id)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileGone):
        await download(link)
    await storage.delete(report.makerspace, report.file.id)
    with pytest.raises(FileGone):
        await download(link)


async def test_a_link_with_a_changed_time_is_refused(link, download) -> None:
    signature = link.path.partition("?signature=")[2]
    signed = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    digest, until, payload = signed[:32], struct.unpack(">q", signed[32:40])[0], signed[40:]
    assert until == int(link.expires_at.timestamp())
    for later in (until + 1, until + 86_400, 2**62, -1):
        changed = digest + struct.pack(">q", later) + payload
        with pytest.raises(Unauthenticated):
            await download(link, signature=base64.urlsafe_b64encode(changed).rstrip(b"=").decode())


async def test_a_symbolic_link_in_place_of_the_file_is_not_followed(report, link, download, folder, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * report.file.size_bytes)
    place = folder / str(report.makerspace) / str(report.file.id)
    place.unlink()
    place.symlink_to(secret)
    with pytest.raises(Unavailable):
        await download(link)


async def test_a_deleted_report_is_not_found_and_a_retried_one_has_no_file_yet(
    report, link, download, database, berlin
) -> None:
    everything = ReportsAsked(None)
    await retry_report(database, berlin, report.id, everything, frozenset(Permission))
    for change in (None, delete_report):
        if change is not None:
            await change(database, berlin, report.id, everything)
        with pytest.raises(NotFound) as refused:
            await download(link)
        assert not isinstance(refused.value, FileGone)
