"""Liveness and readiness. Redis is needed for neither."""

import asyncio
from dataclasses import replace

import pytest

from makrcave_analytics.web.health import Health


async def down():
    raise ConnectionRefusedError("postgresql://user:password@host")


async def silent():
    await asyncio.Event().wait()


def test_a_process_is_alive_without_database_and_redis(serve, parts):
    api = serve(replace(parts, database=down, redis=down))
    assert api.client.get("/healthz").json() == {"status": "alive"}


def test_ready_when_the_database_answers(api):
    answer = api.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "up", "redis": "up"}


@pytest.mark.parametrize(("redis", "state"), [(down, "down"), (None, "none")])
def test_ready_without_redis(serve, parts, redis, state):
    answer = serve(replace(parts, redis=redis)).client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "up", "redis": state}


def test_not_ready_without_the_database_and_no_reason_given(serve, parts):
    answer = serve(replace(parts, database=down)).client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "down", "redis": "up"}


async def test_a_server_that_does_not_answer_in_time_is_down():
    answer = await Health(silent, silent, timeout_seconds=0.01).ready(None)
    assert answer.status_code == 503
