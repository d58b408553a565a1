"""The Redis broker of a worker. While Redis is away its threads wait; the log says so once, and once when it is back.

A message that could not be acknowledged arrives again and finds nothing to do: reports are claimed in PostgreSQL.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import redis
from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerError, DecodeError
from dramatiq.middleware import CurrentMessage

from makrcave_analytics import telemetry
from makrcave_analytics.queue import redis_client

log = telemetry.logger(__name__)

_PAUSE_SECONDS = 1
_AWAY = (redis.RedisError, BrokerError, OSError)


class WorkerBroker(RedisBroker):
    """A RedisBroker whose consumers outlive outages of Redis. Its one middleware provides the current message.

    No retries, time limits or dead letters: attempts are counted in a report's row, and the reconciler sends again.
    """

    def __init__(self, url: str) -> None:
        client = redis_client(url, timeout_seconds=2)
        super().__init__(client=client, middleware=[CurrentMessage()])  # type: ignore[no-untyped-call]
        self._availability = _Availability()

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        """Create a consumer, as dramatiq's workers ask for it."""
        return _ResilientConsumer(super().consume(queue_name, prefetch, timeout), self._availability)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class _Availability:
    """Whether Redis can be reached, shared by all consumers; logs the changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_there = True

    def found(self, is_there: bool, why: str = "") -> None:
        with self._lock:
            changed, self._is_there = is_there is not self._is_there, is_there
        if changed and is_there:
            log.info("redis is back")
        elif changed:
            log.warning("redis away: reports are found in the database", error=why)


class _ResilientConsumer(Consumer):
    """A consumer that returns no message, after a pause, while Redis is away."""

    def __init__(self, consumer: Consumer, presence: _Availability) -> None:
        self._consumer = consumer
        self._availability = presence

    def __next__(self) -> Any:
        try:
            message = next(self._consumer)
        except DecodeError as error:
            log.warning("malformed message dropped", error=str(error))
            return None
        except _AWAY as error:
            self._availability.found(is_there=False, why=str(error))
            time.sleep(_PAUSE_SECONDS)
            return None
        self._availability.found(is_there=True)
        return message

    def ack(self, message: MessageProxy) -> None:
        self._try(lambda: self._consumer.ack(message))

    def nack(self, message: MessageProxy) -> None:
        self._try(lambda: self._consumer.nack(message))

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        self._try(lambda: self._consumer.requeue(messages))

    def close(self) -> None:
        self._consumer.close()

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except _AWAY as error:
            self._availability.found(is_there=False, why=str(error))


def option(name: str) -> Any:
    """Return an option of the message that this thread handles."""
    message: Message[Any] | None = CurrentMessage.get_current_message()
    return message.options.get(name) if message is not None else None
