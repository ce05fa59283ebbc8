"""What the commands of ``fastkontakt conformance`` have in common: whom to ask, and what came of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from consumer.conformance.carrier import HttpCarrier
from consumer.conformance.case import Blocked, Force
from consumer.conformance.data import CaseData, DataError, read_data
from consumer.conformance.reports.as_json import to_json
from consumer.conformance.reports.html import to_html
from consumer.conformance.reports.junit import to_junit
from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.conformance.runner import Progress
from consumer.conformance.session import Session
from consumer.conformance.survey import check_reachable
from consumer.conformance.writing import Writer
from consumer.transport import CallError
from fastkontakt.console import err, out, plain_table
from fastkontakt.demo_data import FOLDER
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import load

DEFAULT_DATA = Path("conformance.toml")
DEMO_DATA = FOLDER / "conformance.toml"
"""The values for our demo."""


def chosen_data(path: Path | None, demo: bool) -> CaseData:
    """Return the data file that is asked for."""
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


def reached(
    url: str,
    data: CaseData,
    timeout: float | None,
    config: Path | None,
    addresses: Sequence[str] | None = None,
    *,
    write: bool = False,
) -> Session:
    """Return a run to be made, having seen that something answers."""
    own = dict(data.addresses)
    for one in addresses or ():
        name, equals, address = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"expected CONTRACT=URL, got {one}", param_hint="--address")
        own[name] = address
    data = data.model_copy(update={"addresses": own})
    settings = load(config)
    changes: dict[str, Any] = {"endpoint": url}
    if timeout is not None:
        changes["read_timeout_seconds"] = timeout
    schemas = open_schemas(settings)
    try:
        carrier = HttpCarrier(settings.call.model_copy(update=changes), own)
        carrier.check_address()
    except CallError as error:
        raise typer.BadParameter(str(error), param_hint="URL") from None
    session = Session(carrier, Writer(schemas), schemas, data, write)
    try:
        check_reachable(session)
    except Blocked as error:
        err.print(f"{url}: {error}", markup=False)
        raise typer.Exit(1) from None
    return Session(carrier, Writer(schemas), schemas, data, write)


@contextmanager
def counting(number: int) -> Iterator[Progress]:
    """Show on a terminal how far a run has come."""
    done = 0

    def progress(result: CaseResult) -> None:
        nonlocal done
        done += 1
        if err.is_terminal:
            err.print(f"\r{done}/{number} {result.case.id[:70]:<70}", end="", markup=False)

    yield progress
    if err.is_terminal:
        err.print(f"\r{'':<90}\r", end="")


def finish(report: RunReport, html: Path | None, json: Path | None, junit: Path | None) -> None:
    """Show a report, write it where it is wanted, and end with its exit code."""
    _show(report)
    _write(report, html, json, junit)
    raise typer.Exit(report.exit_code)


def numbers_in(file: Path | None) -> list[str]:
    """Return the numbers in a file, one a line."""
    if file is None:
        return []
    return [line.split()[0].replace("-", "") for line in file.read_text("utf-8").splitlines() if line.strip()]


def keys_of(data: CaseData) -> list[tuple[str, str]]:
    """Return section and name of every value that a survey may find."""
    return [
        (section, name)
        for section in CaseData.model_fields
        if section not in ("limits", "addresses", "not_applicable")
        for name in type(getattr(data, section)).model_fields
    ]


def _show(report: RunReport) -> None:
    for one in report.of(Verdict.BROKEN, Verdict.FAILED):
        err.print(f"{one.word} ({one.case.force}) {one.case.id}: {one.case.title}", markup=False)
        for text in one.findings or (one.reason,):
            err.print(f"    {text}", markup=False)
    blocked = [one.reason for one in report.of(Verdict.BLOCKED)]
    for reason, number in Counter(blocked).items():
        err.print(f"blocked: {number} rules, as {reason}", markup=False)
    table = plain_table("rules", "must", "should", "may")
    for verdict in Verdict:
        counts = [sum(one.case.force is force for one in report.of(verdict)) for force in Force]
        if any(counts):
            table.add_row(verdict, *map(str, counts))
    out.print(table)
    for one in report.of(Verdict.NOT_EVALUATED):
        out.print(f"not evaluated: {one.case.id}: {one.reason}", markup=False)
    missing: Counter[str] = Counter()
    for one in report.of(Verdict.NOT_TESTED):
        if one.missing:
            missing.update(one.missing)
    reasons = Counter(one.reason for one in report.of(Verdict.NOT_TESTED) if not one.missing)
    for reason, number in reasons.items():
        out.print(f"{number} not tested: {reason}", markup=False)
    if missing:
        wanted = ", ".join(f"{key} ({number})" for key, number in sorted(missing.items()))
        out.print(f"Not tested, for the data file has no: {wanted}", markup=False)


def _write(report: RunReport, html: Path | None, json: Path | None, junit: Path | None) -> None:
    for file, make in ((html, to_html), (json, lambda one: to_json(one).encode()), (junit, to_junit)):
        if file is not None:
            file.write_bytes(make(report))
            out.print(f"{file} is written.", markup=False)
