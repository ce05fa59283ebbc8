"""``fastkontakt watch``: load what a source puts in a folder."""

from pathlib import Path
from typing import Annotated

import typer

from fastkontakt import logs
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import LONGEST_SECONDS, Config, ProfileName
from fastkontakt.console import out
from fastkontakt.loads.printing import print_load
from fastkontakt.loads.running import exit_code
from fastkontakt.loads.watch_state import FolderTaken, WatchState
from fastkontakt.loads.watching import Watch
from fastkontakt.profiles import find
from fastkontakt.settings import Settings, load
from fastkontakt.stopping import stopped_between
from mapping.sources.profile import load_profile
from register.engine import parse_url


def watch(
    profile: ProfileName,
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Folder in which the source puts its files.")
    ],
    once: Annotated[bool, typer.Option("--once", help="Load what is ready now, and end.")] = False,
    every: Annotated[
        float, typer.Option(min=0.01, max=LONGEST_SECONDS, help="Seconds between two looks at the folder.")
    ] = 30.0,
    done: Annotated[
        Path | None, typer.Option(help="Where loaded files go. Default: `done` in the folder.")
    ] = None,
    failed: Annotated[
        Path | None, typer.Option(help="Where refused files go. Default: `failed` in the folder.")
    ] = None,
    marker: Annotated[
        str | None,
        typer.Option(help="Take a file only when a file of its name and this ending is beside it: .ready"),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            envvar="STATE_DIRECTORY",
            show_envvar=False,
            help="Folder in which the watcher keeps what is still to be moved; not one that the source can "
            "write to. Default: that of the register on SQLite, or what StateDirectory of systemd says.",
        ),
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Load files as they come into a folder, and move them away; stops after the load under way.

    Files are loaded together, when all that the profile has sections for look the same in two looks. With
    policy full they wait until there is one for each section. With --once it ends with 0 when all was loaded
    or nothing was ready, 1 when files were refused and 3 when faulty rows were left out.
    """
    settings = load(config)
    how = load_profile(find(profile))
    if all(section.query is not None for section in how.file):
        raise typer.BadParameter("the profile reads no files, only a database; use: fastkontakt import")
    logs.configure(settings.log)
    code = 0
    with opened(settings) as register, stopped_between() as stopped:
        try:
            kept = WatchState(state or _state_folder(settings), folder)
            with kept.held():
                watched = Watch(
                    settings,
                    register,
                    how,
                    folder,
                    done or folder / "done",
                    failed or folder / "failed",
                    marker,
                    operator(by),
                    kept,
                )
                if once:
                    report = watched.once(lambda: stopped(every))
                    if report is None:
                        out.print("nothing is ready to be loaded")
                    else:
                        print_load(report)
                        code = exit_code(report)
                else:
                    watched.run(lambda: stopped(every))
        except FolderTaken as reason:
            raise Undone(str(reason)) from None
        except OSError as error:
            raise Undone(f"{error.filename or folder}: cannot be used: {error.strerror}") from None
    if code:
        raise typer.Exit(code)


def _state_folder(settings: Settings) -> Path:
    url = parse_url(settings.database.url)
    if url.drivername != "sqlite":
        raise typer.BadParameter(
            "the register is on PostgreSQL: name with --state a folder for what is still to be moved"
        )
    return Path(str(url.database)).absolute().parent
