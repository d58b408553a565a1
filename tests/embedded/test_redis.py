"""One Redis: what it keeps, and who can connect."""

from pathlib import Path

import psutil
import pytest
import redis

from makrcave_analytics.embedded import start_redis
from makrcave_analytics.embedded.redis import executable

pytestmark = pytest.mark.skipif(executable() is None, reason="there is no Redis for this platform")


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url)


def test_data_survive_a_stop_and_a_kill(folder: Path) -> None:
    server = start_redis(folder)
    assert server is not None
    with client(server.url) as connection:
        connection.set("kept", "7")
    server.stop()
    assert not (folder / "lock").exists()

    again = start_redis(folder)
    assert again is not None
    with client(again.url) as connection:
        connection.set("later", "8")
        # A write is answered before it is on disk. With appendfsync always the next answer waits for it.
        connection.execute_command("CONFIG", "SET", "appendfsync", "always")
        connection.set("latest", "9")
    again.kill()

    third = start_redis(folder, port=again.port)
    assert third is not None
    try:
        assert third.url == again.url
        with client(third.url) as connection:
            assert connection.mget("kept", "later", "latest") == [b"7", b"8", b"9"]
    finally:
        third.stop()


def test_a_client_needs_the_password_and_cannot_read_it_from_the_arguments(folder: Path) -> None:
    server = start_redis(folder)
    assert server is not None
    try:
        password = (folder / "password").read_text()
        assert password in server.url
        assert password not in " ".join(psutil.Process(server.pid).cmdline())
        with (
            client(f"redis://127.0.0.1:{server.port}/0") as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
    finally:
        server.stop()


def test_it_never_drops_a_message_for_lack_of_memory_and_writes_no_dumps(folder: Path) -> None:
    server = start_redis(folder)
    assert server is not None
    try:
        with client(server.url) as connection:
            expected = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": ""}
            assert {name: connection.config_get(name)[name] for name in expected} == expected
    finally:
        server.stop()
