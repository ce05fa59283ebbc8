"""``fastkontakt conformance``: try a producer against the rules of the contracts, and tell what it keeps."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from consumer.conformance.catalogue import all_cases, chosen
from consumer.conformance.comparing import differences
from consumer.conformance.data import CaseData, write_data
from consumer.conformance.new_case import CaseNameError, new_case
from consumer.conformance.reports.as_json import ReportError, read_json
from consumer.conformance.request_files import run_folder
from consumer.conformance.runner import run
from consumer.conformance.soapui.project import SuiteError, read_project
from consumer.conformance.soapui.running import run_project
from consumer.conformance.soapui.values import read_data_xml
from consumer.conformance.survey import survey
from fastkontakt.commands.conformance_runs import (
    DEFAULT_DATA,
    chosen_data,
    counting,
    finish,
    keys_of,
    numbers_in,
    reached,
)
from fastkontakt.commands.options import LONGEST_SECONDS, Config
from fastkontakt.console import err, out, plain_table


class _RunUnlessNamed(TyperGroup):
    """Runs when an address stands where a command would."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunUnlessNamed,
    help="Conformance of a producer, ours or another's: `fastkontakt conformance URL`.",
    no_args_is_help=True,
)

Url = Annotated[
    str, typer.Argument(help="Address of the producer; without a path the contracts' own are added.")
]
Timeout = Annotated[
    float | None, typer.Option(min=0.001, max=LONGEST_SECONDS, help="Seconds to wait for an answer.")
]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", help="A contract's own address, as GetListing=URL. Repeatable."),
]
Write = Annotated[
    bool, typer.Option("--write", help="Also try what changes the producer's data. Never without this.")
]
Html = Annotated[Path | None, typer.Option("--html", help="Write the report to this file, as one HTML page.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the report to this file, as JSON.")]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write the report to this file, as JUnit XML.")]


@app.command("run")
def run_cases(
    url: Url,
    data: Annotated[
        Path | None, typer.Option("--data", help=f"Data file. Default: {DEFAULT_DATA} if there is one.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Use the data file of our demo.")] = False,
    write: Write = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this case or group, as carelisting/get_listing. Repeatable."),
    ] = None,
    html: Html = None,
    json: Json = None,
    junit: Junit = None,
    address: Addresses = None,
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Try a producer against the rules of the contracts; `run` may be left out.

    Ends with 0 when every mandatory rule that applies holds, with 1 when one does not, and with 3 when none
    is broken but some could not be tested for want of data.
    """
    told = chosen_data(data, demo)
    try:
        cases = chosen(tuple(only or ()))
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from None
    session = reached(url, told, timeout, config, address, write=write)
    with counting(len(cases)) as progress:
        report = run(session, cases, url, progress=progress)
    finish(report, html, json, junit)


@app.command("new")
def new(
    url: Url,
    to: Annotated[Path, typer.Option(help="File to write.")] = DEFAULT_DATA,
    county: Annotated[
        str, typer.Option(help="LogicalAddress of carelisting. Default: the first county that is answered.")
    ] = "",
    care_managers: Annotated[str, typer.Option(help="LogicalAddress of GetCareManagers, an HSA-id.")] = "",
    person: Annotated[
        list[str] | None, typer.Option(help="Number of a test person to ask about. Repeatable.")
    ] = None,
    persons: Annotated[Path | None, typer.Option(help="File with such numbers, one a line.")] = None,
    address: Addresses = None,
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Write a data file by asking the producer; nothing at the producer is changed.

    Fill in by hand what no answer tells: who has protected identity, and whom the tester may change.
    """
    if to.exists():
        raise typer.BadParameter(f"{to} is there already; it is not written over", param_hint="--to")
    numbers = [*(person or ()), *numbers_in(persons)]
    session = reached(url, CaseData(), timeout, config, address)
    found = survey(
        session,
        numbers,
        county=county,
        care_managers=care_managers,
        told=lambda text: err.print(f"asking about {text}", markup=False),
    )
    found = found.model_copy(update={"addresses": session.data.addresses})
    to.write_text(write_data(found), "utf-8")
    filled = sum(bool(found.value(f"{one}.{name}")) for one, name in keys_of(found))
    out.print(
        f"{to}: {filled} of {len(keys_of(found))} values found. Fill in what else you know, then run it.",
        markup=False,
    )


@app.command("suite")
def suite(
    url: Url,
    project: Annotated[Path, typer.Argument(help="SoapUI project of a test suite, an XML file.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Its data. Default: data.xml beside the project.")
    ] = None,
    write: Write = False,
    html: Html = None,
    json: Json = None,
    junit: Junit = None,
    address: Addresses = None,
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Run a test suite as it is published: a SoapUI project with its data.xml. SoapUI is not needed.

    What cannot be interpreted is not evaluated, and never passed. Ends as `run` does.
    """
    try:
        found = read_project(project)
        values = read_data_xml(data or project.with_name("data.xml"))
    except SuiteError as error:
        raise typer.BadParameter(str(error)) from None
    session = reached(url, CaseData(), timeout, config, address, write=write)
    with counting(len(found.cases)) as progress:
        report = run_project(session, found, values, url, progress=progress)
    finish(report, html, json, junit)


@app.command("files")
def files(
    url: Url,
    folder: Annotated[
        Path, typer.Argument(help="Folder with request files NAME.xml, and NAME.toml beside them.")
    ],
    write: Write = False,
    html: Html = None,
    json: Json = None,
    junit: Junit = None,
    address: Addresses = None,
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Send the request files of a folder, and compare what comes with what is expected; ends as `run`."""
    session = reached(url, CaseData(), timeout, config, address, write=write)
    try:
        with counting(len(list(folder.glob("*.xml")))) as progress:
            report = run_folder(session, folder, url, progress=progress)
    except SuiteError as error:
        raise typer.BadParameter(str(error)) from None
    finish(report, html, json, junit)


@app.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(help="Report of the earlier run, written with --json.")],
    second: Annotated[Path, typer.Argument(help="Report of the later run.")],
) -> None:
    """Compare two reports; ends with 1 when a rule is broken now that was not before."""
    try:
        found = differences(read_json(first), read_json(second))
    except ReportError as error:
        err.print(str(error), markup=False)
        raise typer.Exit(1) from None
    if not found:
        out.print("Nothing differs.")
    for one in found:
        out.print(
            f"{one.kind:<10} {one.id}: {one.before or 'not there'} -> {one.after or 'not there'}",
            markup=False,
        )
        if one.says:
            out.print(f"           {one.says}", markup=False)
    raise typer.Exit(1 if any(one.kind == "broken now" for one in found) else 0)


@app.command("cases")
def cases() -> None:
    """List every rule: id, force and what it demands."""
    table = plain_table("rule", "force", "demands")
    for one in sorted(all_cases(), key=lambda case: case.id):
        table.add_row(one.id, one.force, one.title)
    out.print(table)


@app.command("case")
def case(
    name: Annotated[str, typer.Argument(help="Its group and name, as carelisting/get_listing/no_title.")],
    contract: Annotated[str, typer.Option(help="Contract it is about, or any.")] = "any",
) -> None:
    """Write the file of a new rule into the source tree, to be filled in."""
    try:
        out.print(f"{new_case(name, contract)} is written: fill it in.", markup=False)
    except CaseNameError as error:
        raise typer.BadParameter(str(error)) from None
