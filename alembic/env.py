"""Runs migrations on a connection that the caller has opened: `makrcave-analytics migrate`, the tests, the checks."""

from alembic import context

from makrcave_analytics.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
