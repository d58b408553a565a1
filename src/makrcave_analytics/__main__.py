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
from rich.progress import Progress as ProgressBars

from makrcave_analytics import app, demo, migration, telemetry
from makrcave_analytics.auth import RecordKind, issue_token
from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.errors import AnalyticsError, ConfigurationError
from makrcave_analytics.metrics.catalog.markdown import catalog_markdown
from makrcave_analytics.recording.importing import KINDS, Progress, Summary
from makrcave_analytics.recording.rollups.verify import repair, verify_all
from makrcave_analytics.sample import SampleOptions, fill_sample
from makrcave_analytics.schema.engine.schema import SCHEMA
from makrcave_analytics.serving import HOST, bind, serve

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
say = Terminal(stderr=True, highlight=False).print


@commands.command("demo")
def run_demo(
    port: Annotated[int | None, typer.Option(help="Default: 8000, or a free port if that is taken.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The folder for all data. Default: .makrcave")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready.")] = False,
    empty: Annotated[bool, typer.Option(help="Start the three makerspaces without facts.")] = False,
    scale: Annotated[float, typer.Option(help="Multiplies the events of the first makerspace.", min=0.001)] = 1,
) -> None:
    """Run the API and a worker on three sample makerspaces with a year of data, until Ctrl-C."""
    settings = _settings()
    if data_dir is not None:
        settings = settings.model_copy(update={"data_dir": data_dir})
    demo.run(settings, demo.DemoOptions(port, as_json, empty, scale))


@commands.command("serve")
def run_api(
    port: Annotated[int | None, typer.Option(help="Default: 8000, or a free port if that is taken.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
) -> None:
    """Run the API."""
    settings = _settings()
    signal.signal(signal.SIGTERM, _exit)  # so that the servers we started are stopped in order
    with app.addresses(settings) as (database_url, redis_url), app.samples(settings) as samples:
        listening = bind(port, host)
        address = f"http://{host}:{listening.getsockname()[1]}"
        made = app.api(settings, database_url, redis_url, public_url=address, samples=samples)
        serve(made, listening, on_ready=lambda: say(f"Listening on {address}"))


@commands.command("worker")
def run_worker(
    until_eof: Annotated[bool, typer.Option("--until-eof", help="End when standard input ends.")] = False,
) -> None:
    """Run a worker: it makes reports and runs the periodic tasks."""
    settings = _settings()
    if until_eof:
        Thread(target=_exit_with_input, daemon=True).start()
    with app.addresses(settings) as (database_url, redis_url):
        asyncio.run(app.work(settings, database_url, redis_url))


@commands.command()
def migrate(
    with_sample: Annotated[bool, typer.Option("--sample", help="Add the sample makerspaces.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Drop all tables and create them again.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Drop all tables.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Create or change the tables."""
    settings = _settings()
    if (reset or drop) and not yes:
        typer.confirm("This deletes every fact, member and report in the database. Go on?", abort=True, err=True)
    with app.addresses(settings) as (database_url, _):
        asyncio.run(_migrate(database_url, drop_first=reset or drop, create=reset or not drop or with_sample))
        if with_sample:
            asyncio.run(_seed(settings, database_url, 1))
    say("Done.")


@commands.command()
def seed(
    scale: Annotated[float, typer.Option(help="Multiplies the events of the first makerspace.", min=0.001)] = 1,
) -> None:
    """Add the sample makerspaces to a database."""
    settings = _settings()
    with app.addresses(settings) as (database_url, _):
        asyncio.run(_seed(settings, database_url, scale))
    say("Done.")


@commands.command()
def token(
    role: Annotated[str, typer.Option(help="super_admin, admin, finance, operations, analyst, service, member …")],
    makerspace: Annotated[list[UUID] | None, typer.Option(help="May be given more than once.")] = None,
    user: Annotated[str, typer.Option(help="The user_id in the token.")] = "command-line",
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=3650)] = 1,
) -> None:
    """Print a token signed with the configured secret."""
    signed = issue_token(
        _settings(),
        role=role,
        makerspaces=makerspace or (),
        user_id=user,
        lifetime=timedelta(days=days),
        now=app.now(),
    )
    sys.stdout.write(signed + "\n")


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or NDJSON.")],
    kind: Annotated[str, typer.Option(help="The kind of its rows.", metavar="|".join(KINDS))],
    makerspace: Annotated[UUID, typer.Option(help="The makerspace that they belong to.")],
    rejects: Annotated[Path | None, typer.Option(help="The file for rejected rows. Default: next to FILE.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet, if the workbook has several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
) -> None:
    """Record the rows of a file; a row that was imported before counts once. Exit 1 if rows were rejected."""
    if kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}.", param_hint="--kind")
    settings = _settings()
    options = app.ImportOptions(file, RecordKind(kind), makerspace, rejects, sheet, dry_run)
    with app.addresses(settings) as (database_url, _), _progress() as progress:
        summary = asyncio.run(app.import_rows(settings, database_url, options, progress))
    _print_summary(summary, is_dry=dry_run)
    if summary.rejected:
        raise typer.Exit(1)


@commands.command("verify")
def verify_rollups(
    with_repair: Annotated[bool, typer.Option("--repair", help="Rebuild roll-ups that differ.")] = False,
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


async def _migrate(database_url: str, *, drop_first: bool, create: bool) -> None:
    if drop_first:
        await migration.downgrade(database_url)
    if create:
        await migration.upgrade(database_url)


async def _seed(settings: Settings, database_url: str, scale: float) -> None:
    keys = Keys.from_settings(settings)
    options = SampleOptions(scale=scale)
    await fill_sample(database_url, now=app.now(), pseudonym=keys.pseudonym, options=options)


async def _verify(database_url: str, *, with_repair: bool) -> int:
    database = Database(database_url)
    differing = 0
    try:
        async for makerspace, differences in verify_all(database):
            count = len(differences)
            say(f"{makerspace}: {f'{count} differences' if count else 'no differences'}")
            for each in differences:
                say(f"  {each.table} {each.key}: stored {each.stored}, expected {each.expected}")
            if differences:
                differing += 1
                if with_repair:
                    say(f"  repaired, data version {await repair(database, makerspace)}")
    finally:
        await database.dispose()
    return differing


@contextmanager
def _progress() -> Iterator[Progress]:
    """Draw the progress bar of an import; without a terminal draw nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Terminal(stderr=True)
    with ProgressBars(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bars:
        task = bars.add_task("checking", total=None)
        yield lambda stage, done, total: bars.update(task, description=stage, completed=done, total=total)


def _print_summary(summary: Summary, *, is_dry: bool) -> None:
    """Print the counts on standard output, and the reasons and the rejects file on standard error."""
    if summary.unknown_columns:
        say(f"Unknown columns, ignored: {', '.join(summary.unknown_columns)}", markup=False)
    for line, reason in summary.reasons:
        say(f"  line {line}: {reason}", markup=False)
    if summary.rejected > len(summary.reasons):
        say(f"  and {summary.rejected - len(summary.reasons)} more")
    if summary.rejects is not None:
        say(f"Rejected rows, to be corrected and imported again: {summary.rejects}", markup=False)
    counts = ("recorded", "updated", "duplicates", "rejected")
    counted = ", ".join(f"{getattr(summary, name)} {name}" for name in counts)
    sys.stdout.write(("Dry run, nothing was written. " if is_dry else "") + f"{summary.rows} rows: {counted}\n")


def _exit(*_: object) -> None:
    raise SystemExit(0)


def _exit_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not sys.stdin: its lock would still be held when the process exits
        pass
    signal.raise_signal(signal.SIGTERM)


def _settings() -> Settings:
    settings = Settings()
    telemetry.configure(settings)
    return settings


def main() -> None:
    """Run a command; print an error that the operator can correct as one sentence and exit with 2."""
    try:
        commands()
    except (ConfigurationError, AnalyticsError) as error:
        say(f"[bold red]makrcave-analytics:[/] {error}")
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
