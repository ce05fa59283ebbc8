"""``fastkontakt profile``: the profiles that ship, what a profile does, and a new one from a sample file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from contracts.clock import swedish_now
from fastkontakt.commands.options import Config, ProfileName
from fastkontakt.console import err, out, plain_table
from fastkontakt.loads.printing import print_problems
from fastkontakt.profiles import find, shipped
from fastkontakt.profiles.draft import UnclearRecord, guess_record, new_profile
from fastkontakt.profiles.preview import SHOWN, preview
from fastkontakt.profiles.sampling import read_sample
from fastkontakt.profiles.words import about_load, about_section, field_rows, left_alone
from fastkontakt.settings import load
from mapping.sources.profile import Profile, ProfileError, load_profile
from mapping.sources.readers import SourceError
from mapping.sources.records import RECORD_TYPES

app = typer.Typer(help="Profiles: how the files of a source are read.", no_args_is_help=True)


@app.command("list")
def list_profiles() -> None:
    """Show the profiles that ship, which every command takes by name."""
    table = plain_table("name", "source", "records")
    for path in shipped():
        profile = load_profile(path)
        records = dict.fromkeys(section.record for section in profile.file)
        table.add_row(path.stem, Text(profile.profile.title), ", ".join(records))
    out.print(table)


@app.command()
def show(profile: ProfileName) -> None:
    """Print a profile as it is written, to copy it and change the copy."""
    path = find(profile)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ProfileError(path, "", f"cannot be read: {reason}") from None
    out.print(text, markup=False, end="")


@app.command()
def check(
    profile: ProfileName,
    files: Annotated[list[Path] | None, typer.Argument(help="Files to show the first rows of.")] = None,
    persons: Annotated[
        bool, typer.Option("--persons", help="Show person numbers, names and notes as they are.")
    ] = False,
    config: Config = None,
) -> None:
    """Say in words what a profile does, and show how the first ten rows of files are read.

    Nothing is asked of the register, so what a row refers to is not looked up. Ends with 1 when a file cannot
    be read, or one of the rows has faults.
    """
    settings = load(config)
    how = load_profile(find(profile))
    _explain(how)
    sound = [_show_rows(how, file, persons, settings.identifiers.check_digits) for file in files or ()]
    if not all(sound):
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the source: lower-case letters, digits, hyphens.")],
    sample: Annotated[Path, typer.Option(help="A file of the source.")],
    record: Annotated[
        str | None, typer.Option(help="Record type that the file holds. Default: the one its columns fit.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write it to, which must be new. Default: standard output.")
    ] = None,
) -> None:
    """Write a profile from the columns of a sample file. Columns it does not know by name become comments."""
    if record is not None and record not in RECORD_TYPES:
        raise typer.BadParameter(f"there are {', '.join(RECORD_TYPES)}", param_hint="--record")
    try:
        found = read_sample(sample)
        text = new_profile(name, sample, found, record or guess_record(found), swedish_now().date())
    except SourceError as error:
        err.print(f"{sample}: {error}", markup=False)
        raise typer.Exit(1) from None
    except UnclearRecord as error:
        raise typer.BadParameter(str(error), param_hint="--record") from None
    if output is None:
        out.print(text, markup=False, end="")
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        err.print(f"{output}: cannot be written: {error.strerror}", markup=False)
        raise typer.Exit(1) from None
    out.print(f"written: {output}", markup=False)


def _explain(profile: Profile) -> None:
    out.print(f"{profile.profile.name}: {profile.profile.title}", markup=False)
    for line in about_load(profile):
        out.print(line, markup=False)
    for number, section in enumerate(profile.file, 1):
        out.print(Text(f"\n{number}. {section.name}: {section.record}", "bold"))
        for line in about_section(section):
            out.print(line, markup=False)
        table = plain_table("field", "from", "read as")
        for row in field_rows(section):
            table.add_row(*map(Text, row))
        out.print(table)
        out.print(f"Left as they are: {', '.join(left_alone(section)) or 'no fields'}", markup=False)


def _show_rows(profile: Profile, file: Path, persons: bool, check_digits: bool) -> bool:
    """Show the first rows of a file as each section reads them; tell whether they are without fault."""
    sections = [section for section in profile.file if section.matches(file)]
    if not sections:
        err.print(f"{file}: the profile has no section for a file of this name", markup=False)
        return False
    today = swedish_now().date()
    sound = True
    for section in sections:
        shown = preview(profile, section, file, today=today, check_digits=check_digits, persons=persons)
        out.print(Text(f"\n{file.name} as {section.record}, the first {SHOWN} rows", "bold"))
        table = plain_table("line", *shown.fields)
        for line, values in shown.rows:
            table.add_row(str(line), *map(Text, values))
        out.print(table)
        print_problems(shown.report)
        sound = sound and not shown.report.errors
    return sound
