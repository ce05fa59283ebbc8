"""``fastkontakt import``: load files of a source into the register."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.clock import swedish_now
from fastkontakt.commands.options import Config
from fastkontakt.console import print_import
from fastkontakt.settings import load
from fastkontakt.wiring import open_current_register
from mapping.sources.pipeline import load as load_files
from mapping.sources.profile import load_profile
from mapping.sources.report import State


def import_files(
    profile: Annotated[Path, typer.Argument(help="TOML file that says how the source's files are read.")],
    files: Annotated[list[Path], typer.Argument(help="Files to load, in any order.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and report, but store nothing.")
    ] = False,
    config: Config = None,
) -> None:
    """Load files into the register: each file whole or not at all.

    Ends with 1 when a file was refused; nothing of that file, or of those after it, is then in the register.
    """
    settings = load(config)
    how = load_profile(profile)
    register = open_current_register(settings)
    try:
        reports = load_files(
            register,
            how,
            files,
            dry_run=dry_run,
            today=swedish_now().date(),
            check_digits=settings.identifiers.check_digits,
        )
    finally:
        register.dispose()
    print_import(reports)
    if any(report.state not in (State.LOADED, State.CHECKED) for report in reports):
        raise typer.Exit(1)
