"""The fixtures of all tests: a database per test, a copy of a template if asked, and an empty Redis."""

from collections.abc import Callable

import asyncpg
import redis


async def test_a_fresh_database_is_empty_or_has_what_its_template_has(fresh_database: Callable[..., str]) -> None:
    template = fresh_database()
    connection = await asyncpg.connect(template)
    await connection.execute("create table kept as select 7 as number")
    await connection.close()

    copy = await asyncpg.connect(fresh_database(template.rpartition("/")[2]))
    assert await copy.fetchval("select number from kept") == 7
    empty = await asyncpg.connect(fresh_database())
    assert await empty.fetchval("select to_regclass('kept')::text") is None
    await empty.close()
    await copy.close()


def test_the_redis_of_a_test_is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")
