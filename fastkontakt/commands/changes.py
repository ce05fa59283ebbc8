"""``fastkontakt changes``: what has changed, for other systems (docs/changes-out.md)."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Row

from fastkontakt import changes_out
from fastkontakt.changes_out import Beyond, Braked, FeedFormat, Seen
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import LARGEST_NUMBER, LONGEST_SECONDS, Config
from fastkontakt.commands.reports import audited
from fastkontakt.console import err, out
from fastkontakt.settings import load
from fastkontakt.stopping import stopped_between
from register import feed_reading
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
        typer.Option(
            min=0,
            max=LARGEST_NUMBER,
            help="Position to go on from. Default: all that is in force or to come.",
        ),
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
            with register.reading() as connection:
                reached = changes_out.reached(connection, since)
                found = changes_out.lines(connection, since, seen)
                with changes_out.written_to(to) as file:
                    changes_out.write(file, found, form, net=since is not None)
        except Beyond as reason:
            raise Undone(f"--since: {reason}; begin anew with an export without --since") from None
        except OSError as error:
            raise _unwritten(to, error) from None
    err.print(f"Position: {reached}", markup=False)


@app.command()
def follow(
    since: Annotated[
        int | None,
        typer.Option(
            min=0, max=LARGEST_NUMBER, help="Position to go on from. Default: what comes from now on."
        ),
    ] = None,
    every: Annotated[
        float, typer.Option(min=0.01, max=LONGEST_SECONDS, help="Seconds between two looks.")
    ] = 1.0,
    protected: Protected = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Write what changes as it comes, as JSON lines, until it is stopped."""
    with opened(load(config)) as register, stopped_between() as stopped:
        seen = _seen(register, "changes follow", operator(by), protected)
        try:
            with register.reading() as connection:
                last = changes_out.reached(connection, since)
            since = last if since is None else since
            while True:
                with register.reading() as connection:
                    found = list(feed_reading.since(connection, since, changes_out.LINES_AT_A_TIME))
                if found:
                    changes_out.write(sys.stdout, seen(found), FeedFormat.JSONL, net=False)
                    sys.stdout.flush()
                    since = found[-1].position
                if stopped(0.0 if found else every):
                    break
        except Beyond as reason:
            raise Undone(f"--since: {reason}; begin anew with changes export") from None
        except OSError as error:
            raise _unwritten(None, error) from None


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
                path = changes_out.drop(connection, folder, form, seen, brake=limit)
        except Braked as reason:
            raise Undone(str(reason)) from None
        except Beyond as reason:
            raise Undone(
                f"{folder / changes_out.POSITION}: {reason}; when the reader can begin anew, remove the file"
            ) from None
        except ValueError:
            raise Undone(
                f"{folder / changes_out.POSITION}: holds no position; write the one the last drop reached, "
                "or remove the file to have the present state again"
            ) from None
        except OSError as error:
            raise Undone(f"{error.filename or folder}: cannot be used: {error.strerror}") from None
    out.print("nothing has changed" if path is None else str(path), markup=False)


def _unwritten(to: Path | None, error: OSError) -> Undone:
    return Undone(f"{to or 'standard output'}: cannot be written: {error.strerror}")


def _seen(register: Register, command: str, by: str, protected: bool) -> Seen:
    """Return what keeps an audit row for each resident before lines are shown (row S000-005)."""

    def seen(rows: list[Row[Any]]) -> list[Row[Any]]:
        shown = [one for one in rows if protected or not one.protected]
        if shown:
            audited(register, command, by, (one.person_id for one in shown), hits=len(shown))
        return shown

    return seen
