"""``fastkontakt conformance``: try a producer against the rules of the contracts, and tell what it keeps."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from consumer.conformance.carrier import HttpCarrier
from consumer.conformance.case import Blocked
from consumer.conformance.catalogue import all_cases, chosen
from consumer.conformance.comparing import differences
from consumer.conformance.data import CaseData, DataError, read_data, write_data
from consumer.conformance.new_case import CaseNameError, new_case
from consumer.conformance.probe import Session
from consumer.conformance.reports.as_json import ReportError, read_json, to_json
from consumer.conformance.reports.html import to_html
from consumer.conformance.reports.junit import to_junit
from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.conformance.runner import run
from consumer.conformance.survey import check_reachable, survey
from consumer.conformance.writing import Writer
from consumer.transport import CallError
from fastkontakt.commands.options import LONGEST_SECONDS, Config
from fastkontakt.console import err, out, plain_table
from fastkontakt.demo_data import FOLDER
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import load

DEFAULT_DATA = Path("conformance.toml")
DEMO_DATA = FOLDER / "conformance.toml"


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
    write: Annotated[
        bool, typer.Option("--write", help="Also try what changes the producer's data. Never without this.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this case or group, as carelisting/get_listing. Repeatable."),
    ] = None,
    html: Html = None,
    json: Json = None,
    junit: Junit = None,
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Try a producer against the rules of the contracts; `run` may be left out.

    Ends with 0 when every mandatory rule that applies holds, with 1 when one does not, and with 3 when none
    is broken but some could not be tested for want of data.
    """
    told = _data(data, demo)
    session = _session(url, told, timeout, config, write=write)
    try:
        cases = chosen(tuple(only or ()))
        check_reachable(session)
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from None
    except Blocked as error:
        err.print(f"{url}: {error}", markup=False)
        raise typer.Exit(1) from None
    session.seen.clear()
    session.asked.clear()
    done = 0

    def progress(result: CaseResult) -> None:
        nonlocal done
        done += 1
        if err.is_terminal:
            err.print(f"\r{done}/{len(cases)} {result.case.id[:70]:<70}", end="", markup=False)

    report = run(session, cases, url, progress=progress)
    if err.is_terminal:
        err.print(f"\r{'':<90}\r", end="")
    _show(report)
    _write(report, html, json, junit)
    raise typer.Exit(report.exit_code)


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
    timeout: Timeout = None,
    config: Config = None,
) -> None:
    """Write a data file by asking the producer; nothing at the producer is changed.

    Fill in by hand what no answer tells: who has protected identity, and whom the tester may change.
    """
    if to.exists():
        raise typer.BadParameter(f"{to} is there already; it is not written over", param_hint="--to")
    numbers = [*(person or ()), *_numbers(persons)]
    session = _session(url, CaseData(), timeout, config)
    try:
        check_reachable(session)
    except Blocked as error:
        err.print(f"{url}: {error}", markup=False)
        raise typer.Exit(1) from None
    found = survey(
        session,
        numbers,
        county=county,
        care_managers=care_managers,
        told=lambda text: err.print(f"asking about {text}", markup=False),
    )
    to.write_text(write_data(found), "utf-8")
    filled = sum(bool(found.value(f"{one}.{name}")) for one, name in _keys(found))
    out.print(
        f"{to}: {filled} of {len(_keys(found))} values found. Fill in what else you know, then run it.",
        markup=False,
    )


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


def _data(path: Path | None, demo: bool) -> CaseData:
    if path is not None and demo:
        raise typer.BadParameter("give --data or --demo, not both")
    chosen_file = DEMO_DATA if demo else path or (DEFAULT_DATA if DEFAULT_DATA.is_file() else None)
    if chosen_file is None:
        raise typer.BadParameter(
            "whom and what to ask about is not known; `fastkontakt conformance new URL` writes a data file",
            param_hint="--data",
        )
    try:
        return read_data(chosen_file)
    except DataError as error:
        raise typer.BadParameter(str(error), param_hint="--data") from None


def _session(
    url: str, data: CaseData, timeout: float | None, config: Path | None, *, write: bool = False
) -> Session:
    settings = load(config)
    changes: dict[str, Any] = {"endpoint": url}
    if timeout is not None:
        changes["read_timeout_seconds"] = timeout
    schemas = open_schemas(settings)
    try:
        carrier = HttpCarrier(settings.call.model_copy(update=changes))
        carrier.check_address()
    except CallError as error:
        raise typer.BadParameter(str(error), param_hint="URL") from None
    return Session(carrier, Writer(schemas), schemas, data, write)


def _numbers(file: Path | None) -> list[str]:
    if file is None:
        return []
    return [line.split()[0].replace("-", "") for line in file.read_text("utf-8").splitlines() if line.strip()]


def _keys(data: CaseData) -> list[tuple[str, str]]:
    return [
        (section, name)
        for section in CaseData.model_fields
        if section not in ("limits", "not_applicable")
        for name in type(getattr(data, section)).model_fields
    ]


def _show(report: RunReport) -> None:
    for verdict in (Verdict.BROKEN, Verdict.FAILED, Verdict.BLOCKED):
        for one in report.of(verdict):
            err.print(f"{one.word} ({one.case.force}) {one.case.id}: {one.case.title}", markup=False)
            for text in one.findings or (one.reason,):
                err.print(f"    {text}", markup=False)
    table = plain_table("rules", "must", "should", "may")
    for verdict in Verdict:
        counts = [
            sum(one.case.force == force for one in report.of(verdict)) for force in ("must", "should", "may")
        ]
        if any(counts):
            table.add_row(verdict, *map(str, counts))
    out.print(table)
    reasons = {one.reason for one in report.of(Verdict.NOT_TESTED)}
    for reason in sorted(reasons):
        number = sum(one.reason == reason for one in report.of(Verdict.NOT_TESTED))
        out.print(f"{number} not tested: {reason}", markup=False)


def _write(report: RunReport, html: Path | None, json: Path | None, junit: Path | None) -> None:
    for file, make in ((html, to_html), (json, lambda one: to_json(one).encode()), (junit, to_junit)):
        if file is not None:
            file.write_bytes(make(report))
            out.print(f"{file} is written.", markup=False)
