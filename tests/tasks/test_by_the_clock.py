"""Retention and closing of days, as periodic tasks."""

from datetime import UTC, datetime

from makrcave_analytics.queue import Queue
from makrcave_analytics.tasks.periodic import Retention, WorkerServices, periodic_tasks


async def test_old_events_are_removed_where_a_retention_is_set(runner, make_makerspace, owner) -> None:
    makerspace = await make_makerspace("UTC")
    for day in (1, 28):
        await owner.execute(
            """INSERT INTO usage_events (makerspace_id, id, event_type, event_category, timestamp)
               VALUES ($1, gen_random_uuid(), 'login', 'authentication', $2)""",
            makerspace.value,
            datetime(2026, 2, day, tzinfo=UTC),
        )
    retention = Retention(10, lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    declared = {task.name: task for task in periodic_tasks(WorkerServices(runner, Queue(None), retention))}
    await declared["remove old events"].run()
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 1
    kept_since = await owner.fetchval("SELECT events_kept_since FROM makerspaces")
    assert kept_since == datetime(2026, 2, 19, tzinfo=UTC)
    assert "remove old events" not in {task.name for task in periodic_tasks(WorkerServices(runner, Queue(None)))}


async def test_days_are_closed_where_there_is_a_clock(runner, make_makerspace, owner) -> None:
    await make_makerspace("UTC", created_at=datetime(2026, 2, 27, tzinfo=UTC))
    declared = {
        task.name: task
        for task in periodic_tasks(
            WorkerServices(runner, Queue(None), clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
        )
    }
    assert declared["close days"].every_seconds == 60
    await declared["close days"].run()
    rows = await owner.fetch("SELECT grain, start_date FROM analytics_snapshots ORDER BY 1, 2")
    assert [(row["grain"], row["start_date"].day) for row in rows] == [("DAY", 27), ("DAY", 28), ("MONTH", 1)]
