"""The composition root: builds every process from its settings. Nothing connects before the process serves or works."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from starlette.applications import Starlette

from makrcave_analytics.auth import Authenticator, RecordKind, Viewer
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.embedded import run_servers
from makrcave_analytics.queue import Queue, redis_client
from makrcave_analytics.recording.importing import KINDS, DryRunDatabase, ImportTarget, Progress, Summary, import_file
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.reports.delivery.dispatcher import NotificationDispatcher
from makrcave_analytics.reports.delivery.mail import Mailer
from makrcave_analytics.reports.delivery.webhook import Webhooks
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.recipients import DeliveryChannels
from makrcave_analytics.reports.requests.download import OpenedDownload, open_download
from makrcave_analytics.reports.storage.base import Storage
from makrcave_analytics.reports.storage.factory import storage_from_setting
from makrcave_analytics.resolvers.common.context import Services
from makrcave_analytics.resolvers.recording.record import EventRecording, event_recording
from makrcave_analytics.sample_fallback import SampleFallback, Samples, sample_server
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.schema import SCHEMA
from makrcave_analytics.schema.engine.subscriber import Subscriber
from makrcave_analytics.tasks import Retention, WorkerServices, run_worker
from makrcave_analytics.web import BodyLimits, Console, Parts, build, origin_of
from makrcave_analytics.web.bulk import events_route


def now() -> datetime:
    """Return the current instant. Everything that a client sees takes its time from here."""
    return datetime.now(UTC)


@contextmanager
def addresses(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """Yield the URLs of the database and of Redis; if no database is configured, run embedded servers meanwhile.

    Raises: ConfigurationError if the embedded servers do not start.
    """
    if settings.database_url is not None:
        yield settings.database_url, settings.redis_url
        return
    with run_servers(settings.data_dir) as running:
        yield running.postgres.url, settings.redis_url or (running.redis.url if running.redis else None)


@contextmanager
def samples(settings: Settings) -> Iterator[Samples | None]:
    """Yield the samples that stand in for missing data, with their server running; None unless USE_MOCK_DATA is set.

    Raises: ConfigurationError if their server does not start.
    """
    if not settings.use_mock_data:
        yield None
        return
    with sample_server(settings.data_dir) as url:
        yield Samples(url, now, Keys.from_settings(settings).pseudonym)


def api(
    settings: Settings,
    database_url: str,
    redis_url: str | None,
    *,
    public_url: str,
    console: Console | None = None,
    samples: Samples | None = None,
    body_limits: BodyLimits | None = None,
) -> Starlette:
    """Build the API. With `samples`, queries are answered from them where a makerspace has no data.

    Raises: ConfigurationError for settings with which no token can be verified.
    """
    storage = storage_from_setting(settings.report_storage_dir)
    services = _services(settings, database_url, redis_url, public_url, storage, samples)
    authenticator = Authenticator(settings)
    limits = body_limits or BodyLimits()

    async def authenticate(authorization: list[str]) -> Viewer:
        return await authenticator.viewer(authorization, now())

    async def open_file(report_id: str, parameters: Mapping[str, str]) -> OpenedDownload:
        signature = parameters.get("signature", "")
        return await open_download(services.database, storage, services.keys, report_id, signature, now())

    def open_recording(viewer: Viewer, makerspace_id: str | None) -> EventRecording:
        return event_recording(services, viewer, makerspace_id)

    return build(
        Parts(
            authenticate=authenticate,
            execute=Executor(SCHEMA, services, now).execute,
            open_download=open_file,
            database=_database_check(services.database),
            subscribe=Subscriber(SCHEMA, services, now).subscribe,
            now=now,
            redis=_redis_check(redis_url) if redis_url else None,
            console=console or Console(),
            allowed_origins=settings.allowed_origins,
            own_origins=(origin_of(settings.public_url),) if settings.public_url else (),
            body_limits=limits,
            routes=[events_route(authenticate, open_recording, now, settings.batch_size, limits)],
            lifespan=_lifespan(services, authenticator, samples),
        )
    )


def _services(
    settings: Settings,
    database_url: str,
    redis_url: str | None,
    public_url: str,
    storage: Storage,
    samples: Samples | None,
) -> Services:
    database = Database(database_url)
    return Services(
        database,
        Keys.from_settings(settings),
        Queue(redis_url),
        (settings.public_url or public_url).rstrip("/"),
        settings.batch_size,
        event_retention=_retention_of(settings),
        sample_fallback=None if samples is None else SampleFallback(database, samples),
        storage=storage,
        min_group_size=settings.min_group_size,
        channels=DeliveryChannels(mailer(settings) is not None, settings.webhook_allow_private),
    )


def _database_check(database: Database) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        async with database.across(seconds=1) as connection:
            await connection.execute(select(1))

    return check


def _redis_check(url: str) -> Callable[[], Awaitable[None]]:
    redis = redis_client(url)

    async def check() -> None:
        await asyncio.to_thread(redis.ping)

    return check


def _lifespan(
    services: Services, authenticator: Authenticator, samples: Samples | None
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Fetch the keys that verify tokens at the start, and close every connection at the end."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await authenticator.prepare(now())
        try:
            yield
        finally:
            await services.close()
            await authenticator.close()
            await services.database.dispose()
            if samples is not None:
                await samples.dispose()
            services.queue.close()

    return lifespan


def mailer(settings: Settings) -> Mailer | None:
    """Return the mailer; None without ANALYTICS_SMTP_URL.

    Raises: ConfigurationError for mail settings that cannot work.
    """
    return Mailer.at(settings.smtp_url.get_secret_value(), settings.mail_from) if settings.smtp_url else None


@dataclass(frozen=True)
class ImportOptions:
    """An import as the command line asks for it."""

    path: Path
    kind: RecordKind
    makerspace: UUID
    rejects: Path | None = None
    sheet: str | None = None
    is_dry: bool = False


async def import_rows(settings: Settings, database_url: str, options: ImportOptions, progress: Progress) -> Summary:
    """Import a file. A dry run changes nothing and writes rejects only to a path that was given.

    Raises: ConfigurationError; Invalid for the file; NotFound for the makerspace; Unavailable.
    """
    keys = Keys.from_settings(settings)
    database = DryRunDatabase(database_url) if options.is_dry else Database(database_url)
    recorder = Recorder(
        None, keys.pseudonym, keys.tombstone, settings.batch_size, event_retention=_retention_of(settings)
    )
    try:
        return await import_file(
            options.path,
            KINDS[options.kind],
            Viewer.system("an import").makerspace(options.makerspace),
            ImportTarget(database, recorder, now),
            rejects=options.rejects,
            keep_rejects=not options.is_dry or options.rejects is not None,
            sheet=options.sheet,
            progress=progress,
        )
    finally:
        await database.dispose()


def _retention_of(settings: Settings) -> timedelta | None:
    return None if (days := settings.event_retention_days) is None else timedelta(days=days)


async def work(settings: Settings, database_url: str, redis_url: str | None) -> None:
    """Run the worker until SIGTERM or SIGINT: it makes reports and runs the periodic tasks."""
    database = Database(database_url)
    queue = Queue(redis_url)
    storage = storage_from_setting(settings.report_storage_dir)
    runner = ReportRunner(
        database,
        storage,
        keep_for=timedelta(days=settings.max_report_age_days),
        min_group_size=settings.min_group_size,
    )
    dispatcher = NotificationDispatcher(
        database,
        storage,
        Keys.from_settings(settings),
        now,
        settings.public_url.rstrip("/") if settings.public_url else None,
        mailer(settings),
        Webhooks(settings.webhook_allow_private),
    )
    days = settings.event_retention_days
    retention = None if days is None else Retention(days, now)
    try:
        await run_worker(WorkerServices(runner, queue, retention, now, dispatcher), redis_url)
    finally:
        queue.close()
        await database.dispose()
