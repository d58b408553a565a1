"""Migrations: up, down and up again, in two databases of one cluster, and in step with the models."""

import asyncpg
import pytest
from tests.conftest import FreshDatabase

from makrcave_analytics import migration
from makrcave_analytics.models import metadata

ROLES = ["makrcave_reader", "makrcave_system", "makrcave_writer"]


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows} - {"alembic_version"}


async def test_the_tables_are_those_of_the_models(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    await migration.upgrade(url)
    await migration.check(url)
    assert await tables(url) == set(metadata.tables)


async def test_up_down_and_up_again_in_two_databases_of_one_cluster(fresh_database: FreshDatabase) -> None:
    first, second = fresh_database(), fresh_database()
    for url in (first, second):
        await migration.upgrade(url)
    await migration.downgrade(first)
    assert await tables(first) == set()
    assert await tables(second) == set(metadata.tables)
    await migration.upgrade(first)
    await migration.check(first)
    connection = await asyncpg.connect(first)
    roles = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1) ORDER BY 1", ROLES)
    await connection.close()
    assert [row["rolname"] for row in roles] == ROLES


@pytest.mark.parametrize("table", sorted(metadata.tables))
async def test_every_table_has_row_security_by_makerspace_and_every_key_begins_with_it(
    table: str, migrated_url: str
) -> None:
    connection = await asyncpg.connect(migrated_url)
    has_row_security = await connection.fetchval("SELECT relrowsecurity FROM pg_class WHERE relname = $1", table)
    policies = await connection.fetch("SELECT policyname FROM pg_policies WHERE tablename = $1", table)
    keys = await connection.fetch(
        "SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE c.relname = $1 AND i.indisunique",
        table,
    )
    await connection.close()
    assert has_row_security
    assert {row["policyname"] for row in policies} == {"makerspace", "everything"}
    assert {row["attname"] for row in keys} == {"id" if table == "makerspaces" else "makerspace_id"}
