"""The worker: actors, periodic tasks, and the process that runs both.

actors     what messages start; made by `declare`, so that an import connects to nothing
broker     the Redis broker, whose consumers outlive outages
reconcile  sends messages for what is due or was lost
periodic   all periodic tasks, declared in one place
worker     the process: starts without its servers too, ends within seconds
"""

from makrcave_analytics.tasks.actors import declare
from makrcave_analytics.tasks.periodic import Retention, WorkerServices
from makrcave_analytics.tasks.worker import run_worker

__all__ = ["Retention", "WorkerServices", "declare", "run_worker"]
