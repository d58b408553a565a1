"""Files in a bucket of a real S3 server: whole or not at all, served by signed links of the bucket."""

import hashlib
import os
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from tests.reports.bucket import BUCKET, s3, s3_server
from tests.reports.plugin import NOW
from tests.reports.stored_file import FILE, LABEL, SPACE, read, write

from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.requests.changes import delete_report
from makrcave_analytics.reports.requests.download import file_link
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_report
from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.storage.expiry import sweep_orphans
from makrcave_analytics.reports.storage.factory import storage_from_setting
from makrcave_analytics.reports.storage.local import FolderStorage
from makrcave_analytics.reports.storage.object_store import PIECE_BYTES, ObjectStorage
from makrcave_analytics.reports.storage.shared_files import delete_files
from makrcave_analytics.reports.vocabulary import ReportStatus

__all__ = ["s3", "s3_server"]

QUARTER = timedelta(minutes=15)


@pytest.fixture
def bucket(s3) -> ObjectStorage:
    made = storage_from_setting(f"s3://{BUCKET}/of/ours")
    assert isinstance(made, ObjectStorage)
    return made


def keys_in(s3) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def uploads_in(s3) -> list[str]:
    return [each["Key"] for each in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, 2 * PIECE_BYTES + 1])
async def test_a_written_file_is_read_unchanged(bucket, size) -> None:
    data = os.urandom(size)
    assert await write(bucket, data) == hashlib.sha256(data).hexdigest()
    assert await read(bucket) == data
    assert await read(bucket, 1, 5) == data[1:5]
    assert await read(bucket, size // 2) == data[size // 2 :]
    assert await read(bucket, size, size + 9) == b""


async def test_a_file_has_no_name_before_it_is_finished(bucket, s3) -> None:
    async with bucket.writing(SPACE, FILE) as sink:
        await sink.write(b"x" * (2 * PIECE_BYTES))
        assert await bucket.open(SPACE, FILE) is None
        await sink.finish()
        assert keys_in(s3) == [f"of/ours/{SPACE}/{FILE}"]


@pytest.mark.parametrize("size", [1, 3 * PIECE_BYTES])
async def test_an_unfinished_upload_is_discarded_with_its_parts(bucket, s3, size) -> None:
    async with bucket.writing(SPACE, FILE) as sink:
        await sink.write(b"x" * size)
    assert (keys_in(s3), uploads_in(s3)) == ([], [])


async def test_an_existing_file_is_not_overwritten(bucket) -> None:
    await write(bucket, b"first")
    with pytest.raises(StorageError, match="already"):
        await write(bucket, b"second")
    assert await read(bucket) == b"first"


async def test_deleting_may_be_repeated(bucket, s3) -> None:
    await write(bucket, b"x")
    await bucket.delete(SPACE, FILE)
    await bucket.delete(SPACE, FILE)
    assert (await bucket.open(SPACE, FILE), keys_in(s3)) == (None, [])


async def test_an_open_file_can_be_read_to_its_end(bucket) -> None:
    data = os.urandom(3 << 20)
    await write(bucket, data)
    file = await bucket.open(SPACE, FILE)
    await bucket.delete(SPACE, FILE)
    assert b"".join([chunk async for chunk in file.chunks()]) == data
    file.close()


async def test_a_link_is_verified_by_the_bucket_and_names_the_file(bucket) -> None:
    await write(bucket, b"0123456789")
    link = await bucket.link(SPACE, FILE, QUARTER)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(link)
        part = await client.get(link, headers={"range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-disposition"] == 'attachment; filename="usage.csv"'
    assert answer.headers["content-type"] == LABEL.content_type
    assert (part.status_code, part.content) == (206, b"234")
    assert "X-Amz-Expires=900" in link


async def test_a_missing_bucket_is_a_storage_error(s3) -> None:
    nowhere = storage_from_setting("s3://nowhere/at-all")
    with pytest.raises(StorageError):
        await write(nowhere, b"x" * PIECE_BYTES * 2)
    with pytest.raises(StorageError):
        await write(nowhere, b"x")


async def test_a_report_is_stored_in_a_bucket_like_in_a_folder(ask, database, berlin, bucket, s3, keys) -> None:
    runner = ReportRunner(database, bucket, timedelta(days=30))
    report = await ask(berlin)
    await runner.make(berlin, report.id)
    done = await find_report(database, berlin, report.id)
    assert done.status is ReportStatus.COMPLETED
    link = await file_link(bucket, keys, berlin, done.id, done.file.id, NOW)
    assert link.url("https://analytics.example") == link.path
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(link.path)
    assert hashlib.sha256(answer.content).hexdigest() == done.file.sha256
    assert done.file.name in answer.headers["content-disposition"]
    orphan = f"of/ours/{berlin}/{uuid4()}"
    s3.put_object(Bucket=BUCKET, Key=orphan, Body=b"x")
    s3.put_object(Bucket=BUCKET, Key=f"of/ours/{berlin}/notes.txt", Body=b"x")
    assert await sweep_orphans(database, bucket, 3600) == 0
    assert await sweep_orphans(database, bucket, -5) == 1
    changed = await delete_report(database, berlin, report.id, ReportsAsked(None))
    await delete_files(bucket, berlin, changed.files)
    assert keys_in(s3) == [f"of/ours/{berlin}/notes.txt"]


def test_each_address_has_its_storage(monkeypatch, tmp_path) -> None:
    assert isinstance(storage_from_setting(str(tmp_path)), FolderStorage)
    assert isinstance(storage_from_setting("gs://bucket/folder"), ObjectStorage)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    assert isinstance(storage_from_setting("az://container/folder"), ObjectStorage)
    for wrong in ("ftp://host/folder", "s3://", "https://example.org/x"):
        with pytest.raises(ConfigurationError):
            storage_from_setting(wrong)
