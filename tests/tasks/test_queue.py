"""The queue: what it sends, and that it never raises."""

import json
from uuid import UUID

import pytest
import redis

from makrcave_analytics import telemetry
from makrcave_analytics.queue import Queue


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def away(unused_tcp_port: int) -> str:
    """The address of a Redis that is not running."""
    return f"redis://:password@127.0.0.1:{unused_tcp_port}/0"


async def test_a_message_carries_ids_and_the_request(redis_url: str) -> None:
    telemetry.bind_request("request-1")
    queue = Queue(redis_url)
    assert await queue.send("make_report", str(UUID(int=1)), str(UUID(int=2)))
    queue.close()
    with redis.Redis.from_url(redis_url) as client:
        (message,) = [json.loads(value) for value in client.hgetall("dramatiq:default.msgs").values()]
    assert message["actor_name"] == "make_report"
    assert message["args"] == [str(UUID(int=1)), str(UUID(int=2))]
    assert message["options"]["request_id"] == "request-1"


async def test_without_a_redis_nothing_is_sent() -> None:
    queue = Queue(None)
    assert not queue.exists
    assert not await queue.send("make_report")
    queue.close()


async def test_with_redis_away_sending_returns_false_and_logs_once_a_minute(
    away: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    queue = Queue(away, clock=clock)
    for _ in range(20):
        assert not await queue.send("make_report")
        clock.now += 5
    queue.close()
    # 100 seconds: at the first, and 60 seconds later.
    assert len([record for record in caplog.records if "redis away" in record.getMessage()]) == 2
    assert "password" not in caplog.text


async def test_after_a_failure_it_tries_again_soon_and_not_at_once(away: str, redis_url: str, monkeypatch) -> None:
    clock = Clock()
    queue = Queue(away, clock=clock)
    assert not await queue.send("make_report")
    with redis.Redis.from_url(redis_url) as client:
        queue._broker.client.connection_pool = client.connection_pool  # Redis is back
        assert not await queue.send("make_report")
        clock.now += 2
        assert await queue.send("make_report")
    queue.close()
