"""What the servers of root cannot reach, or has too long a path for PostgreSQL, is kept in the private folder."""

import os
import shutil
from pathlib import Path

import psutil
import pytest
from tests.embedded.conftest import ask

from makrcave_analytics.embedded import account, postgres, private_dir, redis, start_postgres, start_redis
from makrcave_analytics.errors import ConfigurationError


@pytest.fixture
def base(disk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(private_dir, "bases", lambda: iter([disk_folder / "private"]))
    return disk_folder / "private"


@pytest.fixture
def out_of_reach(folder: Path) -> Path:
    """For root a folder that no other account can enter, else one with too long a path for PostgreSQL."""
    if account.as_root():
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        return closed
    long = folder.joinpath(*["x" * 200] * 5)
    long.mkdir(parents=True)
    return long


async def test_data_out_of_reach_stay_in_the_private_folder_between_starts(base: Path, out_of_reach: Path) -> None:
    asked = out_of_reach / "postgres"
    first = start_postgres(asked, durable=False)
    await ask(first.url, "create table kept as select 7 as number")
    first.stop()
    assert first.folder.is_relative_to(base)
    assert [path.name for path in asked.iterdir()] == ["elsewhere"]

    second = start_postgres(asked, durable=False)
    try:
        assert second.folder == first.folder
        assert await ask(second.url, "select number from kept") == 7
    finally:
        second.stop()

    shutil.rmtree(asked)
    recreated = start_postgres(asked, durable=False)
    try:
        assert await ask(recreated.url, "select to_regclass('kept')::text") is None
    finally:
        recreated.stop()


def test_binaries_out_of_reach_are_copied_once(
    base: Path, out_of_reach: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = postgres.package()
    for place in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        (out_of_reach / place.name).symlink_to(place)
    mode = out_of_reach.stat().st_mode
    monkeypatch.setattr(postgres, "package", lambda: out_of_reach / wheel.name)

    server = start_postgres(cluster, durable=False)
    try:
        assert Path(psutil.Process(server.pid).exe()).is_relative_to(base)
        assert psutil.Process(server.pid).uids().real != 0
    finally:
        server.stop()
    assert out_of_reach.stat().st_mode == mode
    (copy,) = (base / "programs").iterdir()
    made = copy.stat().st_ino
    start_postgres(cluster, durable=False).stop()
    assert [path.stat().st_ino for path in (base / "programs").iterdir()] == [made]


@pytest.mark.skipif(redis.executable() is None, reason="there is no Redis for this platform")
def test_a_redis_out_of_reach_is_copied_and_keeps_its_data_in_the_private_folder(
    base: Path, out_of_reach: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = redis.executable()
    assert program is not None
    (out_of_reach / program.name).symlink_to(program)
    monkeypatch.setattr(redis, "executable", lambda: out_of_reach / program.name)
    server = start_redis(out_of_reach / "redis")
    assert server is not None
    try:
        assert Path(psutil.Process(server.pid).exe()).is_relative_to(base)
        assert server.folder.is_relative_to(base)
        assert psutil.Process(server.pid).uids().real != 0
    finally:
        server.stop()


def test_a_private_folder_that_others_can_write_to_is_not_used(base: Path, out_of_reach: Path) -> None:
    base.mkdir()
    base.chmod(0o777)
    with pytest.raises(ConfigurationError, match="need a folder of their own"):
        start_postgres(out_of_reach / "postgres")
    assert os.listdir(base) == []  # noqa: PTH208 - of names


def test_data_that_went_out_of_reach_are_not_silently_replaced(base: Path, out_of_reach: Path, cluster: Path) -> None:
    moved = cluster.rename(out_of_reach / "postgres")
    with pytest.raises(ConfigurationError, match="can no longer reach"):
        start_postgres(moved)
    assert (moved / "data" / "PG_VERSION").exists()
