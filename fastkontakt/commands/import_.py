"""``fastkontakt import``: load files of a source into the register."""

from pathlib import Path
from typing import Annotated

import typer

from fastkontakt import logs
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import Config, ProfileName
from fastkontakt.console import err, out
from fastkontakt.loads.printing import print_load, write_json
from fastkontakt.loads.running import exit_code, run_load
from fastkontakt.profiles import find
from fastkontakt.settings import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import Profile, load_profile
from mapping.sources.rejects import write_faulty


def import_files(
    profile: ProfileName,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to load, in any order; none for a database.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and report, but store nothing.")
    ] = False,
    by: By = None,
    faulty_to: Annotated[
        Path | None, typer.Option(help="Folder for the faulty rows. Default: that of the file.")
    ] = None,
    faulty_file: Annotated[
        bool, typer.Option("--faulty-file/--no-faulty-file", help="Write faulty rows to a file beside it.")
    ] = True,
    allow_vanished: Annotated[
        bool, typer.Option("--allow-vanished", help="Load even if the brake of the profile would stop it.")
    ] = False,
    all_rows: Annotated[
        bool, typer.Option("--all-rows", help="Look again at rows that the last load had word for word.")
    ] = False,
    report_to: Annotated[
        Path | None, typer.Option("--report", help="Write the whole report to this file, as JSON.")
    ] = None,
    config: Config = None,
) -> None:
    """Load files into the register: all of them together, or nothing.

    Ends with 1 when nothing was loaded, and with 3 when only faulty rows were left out, as profiles with
    faulty = "skip" have it.
    """
    settings = load(config)
    how = load_profile(find(profile))
    if not files and all(section.query is None for section in how.file):
        raise typer.BadParameter("name the files to load", param_hint="files")
    logs.configure(settings.log)
    with opened(settings) as register:
        report = run_load(
            settings,
            register,
            how,
            files or [],
            by=operator(by),
            dry_run=dry_run,
            allow_vanished=allow_vanished,
            all_rows=all_rows,
        )
        print_load(report)
        if faulty_file:
            _write_faulty(report, how, faulty_to)
        if report_to is not None:
            try:
                write_json(report, report_to)
            except OSError as error:
                raise Undone(f"{report_to}: cannot be written: {error.strerror}") from None
    code = exit_code(report)
    if code:
        raise typer.Exit(code)


def _write_faulty(report: LoadReport, profile: Profile, folder: Path | None) -> None:
    """Write the faulty rows of each file, and tell where; one that cannot be written is told, too."""
    for one in report.files:
        if not one.faulty:
            continue
        to = folder or one.file.parent
        try:
            written = write_faulty(one, profile, to)
        except OSError as error:
            err.print(f"{to}: the faulty rows cannot be written: {error.strerror}", markup=False)
            continue
        if written is not None:
            part = f" (the first {len(one.faults)})" if one.faulty > len(one.faults) else ""
            out.print(f"faulty rows, with what is wrong{part}: {written}", markup=False)
