"""The command line."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console as Terminal
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from makrcave_analytics import app, demo, migration, sample, telemetry
from makrcave_analytics.auth import RecordKind, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, ConfigurationError
from makrcave_analytics.metrics.catalog.markdown import catalog_markdown
from makrcave_analytics.recording.importing import KINDS, Progress, Summary
from makrcave_analytics.recording.rollups.verify import repair, verify_all
from makrcave_analytics.schema.engine.schema import SCHEMA
from makrcave_analytics.serving import HOST, bind, serve

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
say = Terminal(stderr=True, highlight=False).print


@commands.command("demo")
def run_demo(
    port: Annotated[int | None, typer.Option(help="Default: 8000, or a free one where that is taken.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept. Default: .makrcave")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on standard output once ready.")] = False,
    empty: Annotated[bool, typer.Option(help="The three makerspaces without facts.")] = False,
    scale: Annotated[float, typer.Option(help="Multiplies the events of the first makerspace.", min=0.001)] = 1,
) -> None:
    """A year of three makerspaces, the API and a worker, until Ctrl-C."""
    settings = _settings()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir})
    demo.run(settings, demo.DemoOptions(port, as_json, empty, scale))


@commands.command("serve")
def run_api(
    port: Annotated[int | None, typer.Option(help="Default: 8000, or a free one where that is taken.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
) -> None:
    """The API."""
    settings = _settings()
    signal.signal(signal.SIGTERM, _end)  # what we started is ended in order
    with app.addresses(settings) as (database_url, redis_url), app.samples(settings) as samples:
        listening = bind(port, host)
        address = f"http://{host}:{listening.getsockname()[1]}"
        made = app.api(settings, database_url, redis_url, public_url=address, samples=samples)
        serve(made, listening, on_ready=lambda: say(f"Listening on {address}"))


@commands.command("worker")
def run_worker(
    until_eof: Annotated[bool, typer.Option("--until-eof", help="End when standard input ends.")] = False,
) -> None:
    """A worker: makes reports, and does what is periodic."""
    settings = _settings()
    if until_eof:
        Thread(target=_end_with_input, daemon=True).start()
    with app.addresses(settings) as (database_url, redis_url):
        asyncio.run(app.work(settings, database_url, redis_url))


@commands.command()
def migrate(
    with_sample: Annotated[bool, typer.Option("--sample", help="Add the sample makerspaces.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Drop all tables and make them anew.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Drop all tables.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make or change the tables."""
    settings = _settings()
    if (reset or drop) and not yes:
        typer.confirm("This deletes every fact, member and report in the database. Go on?", abort=True, err=True)
    with app.addresses(settings) as (database_url, _):
        asyncio.run(_migrate(database_url, drop_first=reset or drop, make=reset or not drop or with_sample))
        if with_sample:
            asyncio.run(_seed(settings, database_url, 1))
    say("Done.")


@commands.command()
def seed(scale: Annotated[float, typer.Option(help="Multiplies the events of the first.", min=0.001)] = 1) -> None:
    """Add the sample makerspaces to a database."""
    settings = _settings()
    with app.addresses(settings) as (database_url, _):
        asyncio.run(_seed(settings, database_url, scale))
    say("Done.")


@commands.command()
def token(
    role: Annotated[str, typer.Option(help="super_admin, admin, finance, operations, analyst, service, member …")],
    makerspace: Annotated[list[UUID] | None, typer.Option(help="May be given more than once.")] = None,
    user: Annotated[str, typer.Option(help="The subject.")] = "command-line",
    days: Annotated[int, typer.Option(help="How long it is good.", min=1, max=3650)] = 1,
) -> None:
    """Print a token signed with the configured secret."""
    made = issue_token(
        _settings(),
        role=role,
        makerspaces=makerspace or (),
        user_id=user,
        lifetime=timedelta(days=days),
        now=app.now(),
    )
    sys.stdout.write(made + "\n")


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or NDJSON.")],
    kind: Annotated[str, typer.Option(help="What its rows are.", metavar="|".join(KINDS))],
    makerspace: Annotated[UUID, typer.Option(help="Whose they are.")],
    rejects: Annotated[Path | None, typer.Option(help="For refused rows. Default: beside the file.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row and write nothing.")] = False,
) -> None:
    """Record what a file holds; what is in already counts once. Exit 1 where rows were refused."""
    if kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}.", param_hint="--kind")
    settings = _settings()
    wishes = app.ImportOptions(file, RecordKind(kind), makerspace, rejects, sheet, dry_run)
    with app.addresses(settings) as (database_url, _), _progress() as progress:
        summary = asyncio.run(app.import_rows(settings, database_url, wishes, progress))
    _tell(summary, is_dry=dry_run)
    if summary.rejected:
        raise typer.Exit(1)


@commands.command("verify")
def verify_rollups(
    with_repair: Annotated[bool, typer.Option("--repair", help="Rebuild what differs.")] = False,
) -> None:
    """Compare the roll-ups with the facts; exit 1 on a difference."""
    settings = _settings()
    with app.addresses(settings) as (database_url, _):
        differing = asyncio.run(_verify(database_url, with_repair=with_repair))
    if differing and not with_repair:
        raise typer.Exit(1)


@commands.command()
def schema() -> None:
    """Print the API's schema."""
    sys.stdout.write(SCHEMA.sdl())


@commands.command()
def catalog() -> None:
    """Print the metric catalogue as Markdown."""
    sys.stdout.write(catalog_markdown())


async def _migrate(database_url: str, *, drop_first: bool, make: bool) -> None:
    if drop_first:
        await migration.downgrade(database_url)
    if make:
        await migration.upgrade(database_url)


async def _seed(settings: Settings, database_url: str, scale: float) -> None:
    keys = Keys.from_settings(settings)
    await sample.fill(database_url, now=app.now(), pseudonym=keys.pseudonym, scale=scale)


async def _verify(database_url: str, *, with_repair: bool) -> int:
    database = Database(database_url)
    differing = 0
    try:
        async for makerspace, differences in verify_all(database):
            say(f"{makerspace}: {'right' if not differences else f'{len(differences)} differences'}")
            for difference in differences:
                say(f"  {difference.table} {difference.key}: {difference.stored}, not {difference.expected}")
            if differences:
                differing += 1
                if with_repair:
                    say(f"  repaired, data version {await repair(database, makerspace)}")
    finally:
        await database.dispose()
    return differing


@contextmanager
def _progress() -> Iterator[Progress]:
    """Draw a bar of what an import has done; where nobody watches, nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Terminal(stderr=True)
    with Bars(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bars:
        task = bars.add_task("checking", total=None)
        yield lambda doing, done, total: bars.update(task, description=doing, completed=done, total=total)


def _tell(summary: Summary, *, is_dry: bool) -> None:
    """Say what became of the rows: counts on standard output, the rest beside it."""
    if summary.unknown_columns:
        say(f"Left out, as they mean nothing here: {', '.join(summary.unknown_columns)}", markup=False)
    for line, reason in summary.reasons:
        say(f"  line {line}: {reason}", markup=False)
    if summary.rejected > len(summary.reasons):
        say(f"  and {summary.rejected - len(summary.reasons)} more")
    if summary.rejects is not None:
        say(f"What was refused, to be put right and imported: {summary.rejects}", markup=False)
    counts = ("recorded", "updated", "duplicates", "rejected")
    told = ", ".join(f"{getattr(summary, name)} {name}" for name in counts)
    sys.stdout.write(("Nothing was written. It would be: " if is_dry else "") + f"{summary.rows} rows: {told}\n")


def _end(*_: object) -> None:
    raise SystemExit(0)


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not by sys.stdin, whose lock would be held at the end of the process
        pass
    signal.raise_signal(signal.SIGTERM)


def _settings() -> Settings:
    settings = Settings()
    telemetry.configure(settings)
    return settings


def main() -> None:
    """Run a command; what the operator can mend is told in one sentence."""
    try:
        commands()
    except (ConfigurationError, AnalyticsError) as error:
        say(f"[bold red]makrcave-analytics:[/] {error}")
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
