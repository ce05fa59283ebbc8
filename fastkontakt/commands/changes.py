"""``fastkontakt changes``: what has changed, for other systems (docs/changes-out.md)."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Row

from fastkontakt import changes_out
from fastkontakt.changes_out import Braked, FeedFormat, Seen
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import audited
from fastkontakt.console import err, out
from fastkontakt.settings import load
from fastkontakt.stopping import stopped_between
from register import feed
from register.database import Register

app = typer.Typer(help="What has changed, for other systems.", no_args_is_help=True)

Protected = Annotated[
    bool,
    typer.Option("--protected", help="Residents with protected identity, too."),
]
Form = Annotated[FeedFormat, typer.Option("--format", help="How lines are written.")]


@app.command()
def export(
    since: Annotated[
        int | None,
        typer.Option(min=0, help="Position to go on from. Default: all that is in force or to come."),
    ] = None,
    form: Form = FeedFormat.JSONL,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="File to write. Default: standard output."),
    ] = None,
    protected: Protected = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Write what has changed since a position, or the present state; the position reached follows."""
    with opened(load(config)) as register:
        seen = _seen(register, "changes export", operator(by), protected)
        try:
            with register.reading() as connection, changes_out.written_to(to) as file:
                reached = max(since or 0, feed.last_position(connection))
                found = changes_out.lines(connection, since, seen)
                changes_out.write(file, found, form, net=since is not None)
        except OSError as error:
            raise Undone(f"{to or 'standard output'}: cannot be written: {error.strerror}") from None
    err.print(f"Position: {reached}", markup=False)


@app.command()
def follow(
    since: Annotated[
        int | None, typer.Option(min=0, help="Position to go on from. Default: what comes from now on.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.01, help="Seconds between two looks.")] = 1.0,
    protected: Protected = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Write what changes as it comes, as JSON lines, until it is stopped."""
    with opened(load(config)) as register, stopped_between() as stopped:
        seen = _seen(register, "changes follow", operator(by), protected)
        if since is None:
            with register.reading() as connection:
                since = feed.last_position(connection)
        while True:
            with register.reading() as connection:
                found = list(feed.since(connection, since, changes_out.LINES_AT_A_TIME))
            if found:
                changes_out.write(sys.stdout, seen(found), FeedFormat.JSONL, net=False)
                sys.stdout.flush()
                since = found[-1].position
            if stopped(0.0 if found else every):
                break


@app.command()
def drop(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Folder in which the reader looks for files.")
    ],
    form: Form = FeedFormat.CSV,
    brake: Annotated[
        int, typer.Option(min=0, max=100, help="Percent of the records of a sort that may end in one drop.")
    ] = 10,
    allow_vanished: Annotated[
        bool, typer.Option("--allow-vanished", help="Write it even if more has ended.")
    ] = False,
    protected: Protected = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Put a file with what has changed since the last drop into a folder; the first has all there is."""
    with opened(load(config)) as register:
        seen = _seen(register, "changes drop", operator(by), protected)
        try:
            with register.reading() as connection:
                limit = None if allow_vanished else brake
                path, _ = changes_out.drop(connection, folder, form, seen, brake=limit)
        except Braked as reason:
            raise Undone(str(reason)) from None
        except ValueError:
            raise Undone(f"{folder}: the file of the last drop's position holds no number") from None
        except OSError as error:
            raise Undone(f"{error.filename or folder}: cannot be used: {error.strerror}") from None
    out.print("nothing has changed" if path is None else str(path), markup=False)


def _seen(register: Register, command: str, by: str, protected: bool) -> Seen:
    """Return what keeps an audit row for each resident before lines are shown (row S000-005)."""

    def seen(rows: list[Row[Any]]) -> list[Row[Any]]:
        shown = [one for one in rows if protected or not one.protected]
        if shown:
            audited(register, command, by, (one.person_id for one in shown), hits=len(shown))
        return shown

    return seen
