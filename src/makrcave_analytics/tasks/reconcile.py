"""The reconciler: what waits in the database is sent again, and made here where nothing can be sent."""

from makrcave_analytics.queue import Queue
from makrcave_analytics.reports import MAKE_REPORT, Workshop, waiting


async def reconcile(workshop: Workshop, queue: Queue, *, after_seconds: float = 5) -> None:
    """Send every report that was not sent for `after_seconds`; while Redis is away, make them one after the other.

    Raises: Unavailable while PostgreSQL is away.
    """
    async for makerspace, report_id in waiting(workshop.database, after_seconds=after_seconds):
        if not await queue.send(MAKE_REPORT, str(makerspace), str(report_id)):
            await workshop.make(makerspace, report_id)
