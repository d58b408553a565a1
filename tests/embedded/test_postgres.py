"""One cluster through starts, stops, crashes and failures."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest
from tests.embedded.conftest import ask

from makrcave_analytics.embedded import process, start_postgres
from makrcave_analytics.errors import ConfigurationError


async def keep(url: str, number: int) -> None:
    await ask(url, f"create table kept as select {number} as number")


async def test_a_second_start_has_the_data_and_the_password_of_the_first(folder: Path) -> None:
    first = start_postgres(folder, durable=False)
    await keep(first.url, 7)
    first.stop()
    second = start_postgres(folder, durable=False)
    try:
        assert await ask(second.url, "select number from kept") == 7
        assert second.url.rpartition(":")[0] == first.url.rpartition(":")[0]
    finally:
        second.stop()


async def test_a_killed_server_recovers_on_the_same_port(cluster: Path) -> None:
    first = start_postgres(cluster)
    await keep(first.url, 7)
    first.kill()
    second = start_postgres(cluster, port=first.port)
    try:
        assert second.url == first.url
        assert await ask(second.url, "select number from kept") == 7
    finally:
        second.stop()


async def test_two_folders_run_concurrently_with_a_space_and_a_very_long_path(folder: Path) -> None:
    spaced = start_postgres(folder / "a b 'c' ä", durable=False)
    long = start_postgres(folder / ("x" * 200) / ("y" * 200), durable=False)
    try:
        await keep(spaced.url, 1)
        await keep(long.url, 2)
        assert await ask(spaced.url, "select number from kept") == 1
        assert await ask(long.url, "select number from kept") == 2
    finally:
        long.stop()
        spaced.stop()


async def test_it_is_durable_and_uses_utf8_and_utc(cluster: Path) -> None:
    server = start_postgres(cluster)
    try:
        settings = ("fsync", "synchronous_commit", "full_page_writes", "jit", "timezone", "shared_buffers")
        values = [await ask(server.url, f"show {name}") for name in settings]
        assert values == ["on", "on", "on", "off", "UTC", "256MB"]
        assert await ask(server.url, "show unix_socket_directories") == ""
        assert await ask(server.url, "select upper('äé') || current_database() || current_user") == (
            "ÄÉmakrcavemakrcave_owner"
        )
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(server.url.replace(":", ":x", 2).replace(":x//", "://"), "select 1")
    finally:
        server.stop()


def test_stopping_twice_leaves_no_process_and_no_lock(cluster: Path) -> None:
    server = start_postgres(cluster, durable=False)
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children()]
    server.stop()
    server.stop()
    assert not any(member.is_running() for member in family)
    assert not (cluster / "lock").exists()
    assert not (cluster / "data" / "postmaster.pid").exists()
    assert {path.name for path in cluster.iterdir()} == {"data", "log", "log.1", "password"}
    assert (cluster / "password").stat().st_mode & 0o077 == 0


async def test_a_server_outlives_the_thread_that_asked_for_it(cluster: Path) -> None:
    with ThreadPoolExecutor(1) as thread:
        server = thread.submit(start_postgres, cluster, durable=False).result()
    try:
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()


async def test_a_pid_file_that_names_another_living_process_is_stale(cluster: Path) -> None:
    pid_file = cluster / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{cluster / 'data'}\n1\n5432\n\n127.0.0.1\n0 0\nready   \n")
    server = start_postgres(cluster, durable=False)
    try:
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()


async def test_a_folder_in_use_is_refused_and_its_server_goes_on(cluster: Path) -> None:
    server = start_postgres(cluster, durable=False)
    try:
        with pytest.raises(ConfigurationError, match=rf"in use by process {os.getpid()}\."):
            start_postgres(cluster, durable=False)
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def test_a_port_lost_between_choice_and_bind_is_replaced(
    cluster: Path, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([taken_port, process.free_port()])
    monkeypatch.setattr(process, "free_port", lambda: next(ports))
    server = start_postgres(cluster, durable=False)
    try:
        assert server.port != taken_port
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()
    with pytest.raises(ConfigurationError, match="Address already in use"):
        start_postgres(cluster, durable=False, port=taken_port)
    assert not (cluster / "lock").exists()


async def test_an_interrupted_first_start_is_repeated(folder: Path) -> None:
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    server = start_postgres(folder, durable=False)
    try:
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()


async def test_a_lost_password_file_is_replaced(cluster: Path) -> None:
    (cluster / "password").unlink()
    server = start_postgres(cluster, durable=False)
    try:
        assert await ask(server.url, "select 1") == 1
    finally:
        server.stop()


def test_a_file_where_the_folder_should_be_is_a_clear_error(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot hold a server: Not a directory"):
        start_postgres(folder / "file" / "postgres")


def test_a_missing_wheel_is_a_clear_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="set ANALYTICS_DATABASE_URL"):
        start_postgres(folder)


def test_a_server_that_does_not_start_shows_the_end_of_its_log(cluster: Path) -> None:
    (cluster / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ConfigurationError, match="incompatible"):
        start_postgres(cluster, durable=False)
