"""Sends messages to workers over Redis, by the name of an actor. Knows no actor itself.

Nothing depends on a message: the work is a row in PostgreSQL before the message is sent, and is found there if the
message is lost. So sending never raises; it returns whether it worked.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from redis.backoff import NoBackoff
from redis.retry import Retry

from makrcave_analytics import telemetry

log = telemetry.logger(__name__)

QUEUE_NAME: Final = "default"
REQUEST_ID: Final = "request_id"
"""The message option that carries the request's id into the worker's log."""

_PAUSE_SECONDS = 2
"""After a failure nothing is sent for this long, so that no request waits for a Redis that does not answer."""
_LOG_EVERY_SECONDS = 60


def redis_client(url: str, *, timeout_seconds: float = 1) -> "redis.Redis":
    """Make a client with short timeouts and no retries; it connects when first used."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


class Queue:
    """The queue of the workers. Without a `url` nothing is ever sent."""

    def __init__(self, url: str | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = redis_client(url) if url is not None else None
        self._broker = _broker(self._client) if self._client is not None else None
        self._clock = clock
        self._not_before = self._silent_until = float("-inf")

    @property
    def exists(self) -> bool:
        """Whether a Redis is configured; it may be away."""
        return self._broker is not None

    async def send(self, actor: str, *arguments: str | int) -> bool:
        """Send a message to an actor; return False if Redis did not take it. Never blocks the loop, never raises."""
        if self._broker is None or self._clock() < self._not_before:
            return False
        message: Message[None] = Message(
            queue_name=QUEUE_NAME,
            actor_name=actor,
            args=arguments,
            kwargs={},
            options={REQUEST_ID: telemetry.request_id()},
        )
        try:
            await asyncio.to_thread(self._broker.enqueue, message)
        except (redis.RedisError, OSError) as error:
            self._failed(error)
            return False
        self._silent_until = float("-inf")
        return True

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _failed(self, error: Exception) -> None:
        now = self._clock()
        self._not_before = now + _PAUSE_SECONDS
        if now >= self._silent_until:
            self._silent_until = now + _LOG_EVERY_SECONDS
            log.warning("redis away: the work waits in the database", error=str(error))


def _broker(client: "redis.Redis") -> RedisBroker:
    return RedisBroker(client=client, middleware=[])  # type: ignore[no-untyped-call]
