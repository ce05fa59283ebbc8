"""``fastkontakt profile``: the profiles that ship, what a profile does, and a new one from a sample file."""

import os
from pathlib import Path
from typing import Annotated

import typer
from click import Choice
from rich.text import Text

from contracts.clock import swedish_now
from fastkontakt.commands.options import Config, ProfileName
from fastkontakt.console import err, out
from fastkontakt.loads.printing import print_problems
from fastkontakt.profiles import find, shipped
from fastkontakt.profiles.draft import database_profile, missing, new_profile
from fastkontakt.profiles.guesses import UnclearRecord, all_known, guess_record, guesses, plain
from fastkontakt.profiles.guesses import text as toml_text
from fastkontakt.profiles.preview import SHOWN, preview
from fastkontakt.profiles.sampling import Sample, read_sample, read_tables
from fastkontakt.profiles.words import about_load, about_section, field_rows, left_alone
from fastkontakt.settings import load
from fastkontakt.showing import table
from mapping.sources.profile import Profile, ProfileError, load_profile
from mapping.sources.readers import SourceError
from mapping.sources.records import RECORD_TYPES

app = typer.Typer(help="Profiles: how the files of a source are read.", no_args_is_help=True)


@app.command("list")
def list_profiles() -> None:
    """Show the profiles that ship, which every command takes by name."""
    rows = []
    for path in shipped():
        profile = load_profile(path)
        records = dict.fromkeys(section.record for section in profile.file)
        rows.append((path.stem, profile.profile.title, ", ".join(records)))
    table(("name", "source", "records"), rows, name="profiles")


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
    sample: Annotated[Path | None, typer.Option(help="A file of the source.")] = None,
    database: Annotated[
        str | None, typer.Option(help="Instead: environment variable that holds the URL of a database.")
    ] = None,
    record: Annotated[
        str | None, typer.Option(help="Record type that the file holds. Default: the one its columns fit.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook. Default: the one that fits best.")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask on the terminal for what the file does not tell.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="File to write it to, which must be new. Default: standard output.")
    ] = None,
) -> None:
    """Write a profile from a sample, or from the tables of a database. What is guessed is marked."""
    if record is not None and record not in RECORD_TYPES:
        raise typer.BadParameter(f"there are {', '.join(RECORD_TYPES)}", param_hint="--record")
    if (sample is None) == (database is None):
        raise typer.BadParameter(
            "give a file of the source, or a database", param_hint="--sample or --database"
        )
    try:
        if sample is not None:
            text = _of_file(name, sample, record, sheet, ask=ask)
        else:
            tables = read_tables(str(database), os.environ.get(str(database), ""))
            text = database_profile(name, str(database), tables, swedish_now().date())
    except SourceError as error:
        err.print(f"{sample or database}: {error}", markup=False)
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


def _of_file(name: str, path: Path, record: str | None, sheet: str | None, *, ask: bool) -> str:
    sample = read_sample(path, all_known(), plain, sheet)
    meant = record or _record(sample, ask=ask)
    answers = _answers(meant, sample) if ask else {}
    is_sure = record is not None
    return new_profile(name, path, sample, meant, swedish_now().date(), is_sure=is_sure, answers=answers)


def _record(sample: Sample, *, ask: bool) -> str:
    try:
        return guess_record(sample)
    except UnclearRecord:
        if not ask:
            raise
    return str(typer.prompt("Record type", type=Choice(list(RECORD_TYPES)), err=True))


def _answers(record: str, sample: Sample) -> dict[str, str]:
    """Ask where the fields come from that a profile needs, and that the columns do not tell."""
    answers = {}
    left = [one for one in sample.columns if one]
    err.print(f"Columns: {', '.join(left)}", markup=False)
    for field in missing(record, guesses(record, sample)):
        question = f"{field}: a column, or = and the text of all rows"
        said = str(typer.prompt(question, default="", show_default=False, err=True)).strip()
        if said.startswith("="):
            answers[field] = f"{{ constant = {toml_text(said[1:].strip())} }}"
        elif said:
            answers[field] = toml_text(said)
    return answers


def _explain(profile: Profile) -> None:
    out.print(f"{profile.profile.name}: {profile.profile.title}", markup=False)
    for line in about_load(profile):
        out.print(line, markup=False)
    for number, section in enumerate(profile.file, 1):
        out.print(Text(f"\n{number}. {section.name}: {section.record}", "bold"))
        for line in about_section(section):
            out.print(line, markup=False)
        table(("field", "from", "read as"), field_rows(section))
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
        out.print()
        title = f"{file.name} as {section.record}, the first {SHOWN} rows"
        table(("line", *shown.fields), [(line, *values) for line, values in shown.rows], title=title)
        print_problems(shown.report)
        sound = sound and not shown.report.errors
    return sound
