"""The demo: PostgreSQL, Redis, three sample makerspaces, the API and a worker, started and stopped together."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from rich.console import Console as Terminal

from makrcave_analytics import migration, telemetry
from makrcave_analytics.app import api, now, samples
from makrcave_analytics.auth import issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.embedded import run_servers
from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.sample import MAKERSPACES, SampleOptions, fill_sample
from makrcave_analytics.serving import HOST, bind, serve
from makrcave_analytics.web import Console
from makrcave_analytics.web.console import examples

TOKEN_LIFETIME = timedelta(days=30)
WORKER_STOP_SECONDS = 10

log = telemetry.logger(__name__)


@dataclass(frozen=True)
class DemoOptions:
    """A demo as the command line asks for it."""

    port: int | None
    """None: 8000, or a free port if that is taken."""
    as_json: bool = False
    is_empty: bool = False
    scale: float = 1


def run(settings: Settings, options: DemoOptions) -> None:
    """Run until SIGINT or SIGTERM.

    Raises: ConfigurationError, with one sentence for the operator.
    """
    signal.signal(signal.SIGTERM, _exit)
    settings = _own_settings(settings)
    say = Terminal(stderr=True).print
    socket = bind(options.port)
    address = f"http://{HOST}:{socket.getsockname()[1]}"
    say("Starting PostgreSQL and Redis …")
    with run_servers(settings.data_dir) as running, samples(settings) as sample_data:
        database_url = running.postgres.url
        redis_url = running.redis.url if running.redis else None
        if redis_url is None:
            say("There is no Redis for this platform: reports start a few seconds later.")
        say("Filling three makerspaces with a year of sample data …" if not options.is_empty else "Creating tables …")
        asyncio.run(_prepare(settings, database_url, options))
        summary = _summary(settings, address, database_url, redis_url)
        console = Console(summary["tokens"]["admin"], examples())
        app = api(settings, database_url, redis_url, public_url=address, console=console, samples=sample_data)
        with _worker(settings, database_url, redis_url, address):
            serve(app, socket, on_ready=lambda: _print_summary(summary, as_json=options.as_json))


async def _prepare(settings: Settings, database_url: str, options: DemoOptions) -> None:
    await migration.upgrade(database_url)
    pseudonym = Keys.from_settings(settings).pseudonym
    sample = SampleOptions(scale=options.scale, is_empty=options.is_empty)
    await fill_sample(database_url, now=now(), pseudonym=pseudonym, options=sample)


def _own_settings(settings: Settings) -> Settings:
    """Complete the settings of a demo: a secret that is kept in its folder, and reports next to its data."""
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        changes: dict[str, Any] = {"data_dir": folder, "jwt_secret": settings.jwt_secret or _kept_secret(folder)}
    except OSError as error:
        raise ConfigurationError(f"The folder {folder} cannot be used: {error.strerror}.") from error
    if "report_storage_dir" not in settings.model_fields_set:
        changes["report_storage_dir"] = str(folder / "reports")
    return settings.model_copy(update=changes)


def _kept_secret(folder: Path) -> SecretStr:
    file = folder / "jwt_secret"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as writing:
            writing.write(secrets.token_urlsafe(48))
    return SecretStr(file.read_text())


def _summary(settings: Settings, address: str, database_url: str, redis_url: str | None) -> dict[str, Any]:
    """Return what the demo prints when it is ready: addresses, makerspaces and tokens."""

    def token(role: str, *makerspaces: UUID) -> str:
        return issue_token(
            settings, role=role, makerspaces=makerspaces, user_id=f"demo-{role}", lifetime=TOKEN_LIFETIME, now=now()
        )

    first = MAKERSPACES[0].id
    return {
        "url": address,
        "graphiql": f"{address}/graphql",
        "database_url": database_url,
        "redis_url": redis_url,
        "makerspaces": [
            {"id": str(one.id), "name": one.name, "time_zone": one.time_zone, "currency": one.currency}
            for one in MAKERSPACES
        ],
        "tokens": {"super_admin": token("super_admin")}
        | {role: token(role, first) for role in ("admin", "member", "service")},
    }


def _print_summary(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    say: Callable[..., None] = Terminal(soft_wrap=True, highlight=False).print
    say("\n[bold green]MakrCave Analytics is ready.[/]\n")
    say(f"  GraphiQL   [bold]{summary['graphiql']}[/]   (the admin token and examples are filled in)\n")
    for one in summary["makerspaces"]:
        say(f"  {one['id']}  {one['name']}, {one['time_zone']}, {one['currency']}")
    for role, token in summary["tokens"].items():
        say(f"\n[bold]{role}[/]\n{token}", markup=True)
    query = '{"query": "{ usage { events { formatted } activeMembers { formatted } } }"}'
    say("\nA first query:\n")
    say(
        f"curl {summary['graphiql']} -H 'Content-Type: application/json' "
        f"-H 'Authorization: Bearer {summary['tokens']['admin']}' -d '{query}'",
        markup=False,
    )
    say("\nCtrl-C ends everything.")


@contextmanager
def _worker(settings: Settings, database_url: str, redis_url: str | None, address: str) -> Iterator[None]:
    """Run a worker process. Its settings go through the environment, which other users cannot read with `ps`."""
    environment = os.environ | {
        "ANALYTICS_DATABASE_URL": database_url,
        "ANALYTICS_PUBLIC_URL": settings.public_url or address,
        "ANALYTICS_REPORT_STORAGE_DIR": settings.report_storage_dir,
        "ANALYTICS_JWT_SECRET": settings.jwt_secret.get_secret_value() if settings.jwt_secret else "",
    }
    if redis_url is not None:
        environment["ANALYTICS_REDIS_URL"] = redis_url
    process = subprocess.Popen(
        [sys.executable, "-m", "makrcave_analytics", "worker", "--until-eof"],
        env=environment,
        stdin=subprocess.PIPE,  # closed when this process ends, however it ends; the worker then ends too
        start_new_session=True,  # Ctrl-C in the terminal reaches only this process, which then stops the worker
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(WORKER_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _exit(*_: object) -> None:
    raise SystemExit(0)
