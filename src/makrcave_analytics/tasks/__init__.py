"""What runs in a worker: actors that are sent ids, periodic work, and the process around both.

actors     what messages start; made by `declare`, so that importing connects and binds nothing
broker     Redis as the worker reads it: away or back, it never ends a thread
reconcile  finds what was sent and lost, or never sent
periodic   everything that runs by the clock, declared in one place
worker     the process: starts with or without its servers, ends within seconds
"""

from makrcave_analytics.tasks.actors import declare
from makrcave_analytics.tasks.periodic import Retention, WorkerServices
from makrcave_analytics.tasks.worker import run_worker

__all__ = ["Retention", "WorkerServices", "declare", "run_worker"]
