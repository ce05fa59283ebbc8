"""``fastkontakt call``: call a contract and show what comes back."""

import re
from typing import Annotated

import typer
from lxml import etree
from rich.console import Console
from rich.syntax import Syntax

from consumer.client import ORIGINAL_CONSUMER, Client
from consumer.presentation import has_items, items, sheets
from consumer.results import Answer, FaultAnswer, NoAnswer, Result
from consumer.settings import CallSettings
from consumer.transport import CallError
from consumer.xml import XmlError, parse
from contracts.catalogue import CARELISTING, RESIDENTPARTICIPATION, Contract
from contracts.codes import ActorType
from contracts.identifiers import IdentifierError
from fastkontakt.commands.message import find_contract, message
from fastkontakt.commands.options import LONGEST_SECONDS, Config
from fastkontakt.console import err, out
from fastkontakt.json_output import in_json
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import Settings, load
from fastkontakt.showing import fact, table

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def call(
    contract: Annotated[
        str, typer.Argument(help="Contract to call, such as GetListing, in any letter case.")
    ],
    endpoint: Annotated[
        str | None, typer.Option(help="Address to call; without a path the contract's own is added.")
    ] = None,
    logical_address: Annotated[
        str | None,
        typer.Option(help="County code, or HSA-id of the source system. Default: the first one set up."),
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="Who it is about: 12 characters, with or without hyphen.")
    ] = None,
    person_root: Annotated[
        str | None, typer.Option(help="Root OID of --person, which is then sent as it is. For tests.")
    ] = None,
    actor_type: Annotated[
        ActorType | None, typer.Option(case_sensitive=False, help="Who asks. Default: CITIZEN.")
    ] = None,
    actor_id: Annotated[
        str | None, typer.Option(help="Person or HSA-id of who asks. Default: for a CITIZEN, the person.")
    ] = None,
    facility: Annotated[
        list[str] | None, typer.Option(help="HSA-id of a facility; may be repeated to list facilities.")
    ] = None,
    listing_type: Annotated[
        list[str] | None, typer.Option(help="PV, or a code and its code system: 'CODE|SYSTEM'. Repeatable.")
    ] = None,
    doctor: Annotated[str | None, typer.Option(help="HSA-id of the doctor to choose.")] = None,
    add_to_queue: Annotated[
        bool | None,
        typer.Option("--add-to-queue/--no-add-to-queue", help="Queue if the facility is full, or leave it."),
    ] = None,
    home_county: Annotated[str | None, typer.Option(help="County code of where the person lives.")] = None,
    new_county: Annotated[
        str | None, typer.Option(help="County code of where the person wants to be, or is, listed.")
    ] = None,
    care_giver: Annotated[str | None, typer.Option(help="HSA-id of a care provider.")] = None,
    care_unit: Annotated[str | None, typer.Option(help="HSA-id of a care unit.")] = None,
    care_manager_type: Annotated[
        list[str] | None, typer.Option(help="Code of a type of fixed contact, 1 to 4. Repeatable.")
    ] = None,
    care_process: Annotated[str | None, typer.Option(help="Identity of a care process: 'ROOT|ID'.")] = None,
    consumer: Annotated[str | None, typer.Option(help=f"HSA-id to send as {ORIGINAL_CONSUMER}.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="HTTP header to send, as NAME:VALUE. Repeatable.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, max=LONGEST_SECONDS, help="Seconds to wait for the answer.")
    ] = None,
    xml: Annotated[
        bool, typer.Option("--xml", help="Show the messages themselves: the response on standard output.")
    ] = False,
    config: Config = None,
) -> None:
    """Call a contract and show the answer.

    Ends with 0 when the answer is OK or INFO and follows its schema, and with 1 when it is an ERROR, a SOAP
    Fault, an answer that breaks its schema, or none at all.
    """
    wanted = find_contract(contract)
    settings = load(config)
    address = logical_address or _default_address(wanted, settings)
    request = message(
        wanted,
        address,
        {
            "--person": person,
            "--person-root": person_root,
            "--actor-type": actor_type,
            "--actor-id": actor_id,
            "--facility": facility,
            "--listing-type": listing_type,
            "--doctor": doctor,
            "--add-to-queue": add_to_queue,
            "--home-county": home_county,
            "--new-county": new_county,
            "--care-giver": care_giver,
            "--care-unit": care_unit,
            "--care-manager-type": care_manager_type,
            "--care-process": care_process,
        },
    )
    headers = dict(map(_header, header or ()))
    if consumer is not None:
        headers[ORIGINAL_CONSUMER] = consumer
    try:
        with Client(_with_timeout(settings.call, timeout), open_schemas(settings)) as client:
            result = client.call(request, address, endpoint=endpoint, headers=headers)
    except (CallError, IdentifierError) as error:
        raise typer.BadParameter(str(error)) from None
    if xml:
        _show_exchange(result)
    if not _show(wanted, result, tables=not xml):
        raise typer.Exit(1)


def _default_address(contract: Contract, settings: Settings) -> str:
    """Return the address this installation answers the contract for: what a caller most likely means."""
    addresses: list[str] = []
    if contract.domain != RESIDENTPARTICIPATION:
        addresses += settings.regions
    if contract.domain != CARELISTING and settings.care_managers is not None:
        addresses.append(settings.care_managers.source_system_id)
    if not addresses:
        raise typer.BadParameter(
            f"give one; the settings name no region or source system that answers {contract.name}",
            param_hint="--logical-address",
        )
    return addresses[0]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise typer.BadParameter(f"expected NAME:VALUE, got {text}", param_hint="--header")
    return name.strip(), value.strip()


def _with_timeout(settings: CallSettings, seconds: float | None) -> CallSettings:
    return settings if seconds is None else settings.model_copy(update={"read_timeout_seconds": seconds})


def _show(contract: Contract, result: Result, *, tables: bool) -> bool:
    """Show a result, what went wrong on standard error; tell whether all is well."""
    exchange = result.exchange
    took = f"{exchange.address}, {exchange.seconds * 1000:.0f} ms"
    match result:
        case NoAnswer():
            again = "may help" if result.retry else "does not help"
            err.print(f"No answer ({result.kind}): {result.reason}", markup=False)
            err.print(f"{took}. Calling again {again}.", markup=False)
            return False
        case FaultAnswer():
            err.print(f"SOAP Fault with HTTP {exchange.status} from {took}", markup=False)
            _print_fault(result)
            return False
    if tables:
        _print_answer(contract, result, took)
    for problem in result.problems:
        err.print(f"The answer does not follow its schema: {problem}", markup=False)
    if result.ok:
        return True
    if not result.problems:
        text = _printable(result.result_text or "without a text")
        err.print(f"resultCode {result.result_code}: {text}", markup=False)
        err.print("Correct the call: sent again, it gets the same answer.")
    return False


def _print_answer(contract: Contract, answer: Answer, took: str) -> None:
    fact("resultCode", answer.result_code, "")
    fact("resultText", answer.result_text, "")
    fact("answer", answer.body, "")
    said = [f"resultCode {answer.result_code}"] if answer.result_code else []
    if has_items(contract):
        said.append(f"{len(items(contract, answer.body))} found")
    out.print(f"{contract.name}: {', '.join(said)}. {took}", markup=False)
    if answer.ok and answer.result_text:
        out.print(f"resultText: {_printable(answer.result_text)}", markup=False)
    if in_json():
        return
    for sheet in sheets(contract, answer.body):
        out.print()
        rows = [tuple(map(_printable, row)) for row in sheet.rows]
        table(sheet.columns, rows, title=sheet.title, pairs=sheet.columns[0] == "")


def _print_fault(fault: FaultAnswer) -> None:
    namespace = f" ({fault.faultcode_namespace})" if fault.faultcode_namespace else " (not qualified)"
    for label, text in (
        ("faultcode", fault.faultcode + namespace),
        ("faultstring", fault.faultstring),
        ("detail", fault.detail),
        ("log id", fault.log_id),
        ("means", fault.kind.meaning),
        ("do", fault.kind.advice),
        ("retry", "may help" if fault.retry else "does not help"),
    ):
        if text:
            err.print(f"{label:<12} {_printable(text)}", markup=False)


def _show_exchange(result: Result) -> None:
    """Print both messages, set out for reading: the answer alone on standard output, to be piped."""
    exchange = result.exchange
    err.print(f"POST {exchange.address}", markup=False)
    _print_xml(exchange.request, err)
    if exchange.status is not None:
        err.print(f"\nHTTP {exchange.status} after {exchange.seconds * 1000:.0f} ms", markup=False)
        _print_xml(exchange.response, out)


def _print_xml(message: bytes, to: Console) -> None:
    """Print a message set out for reading, or as it came when it is no XML."""
    try:
        root = parse(message)
    except XmlError:
        to.print(_printable(message.decode("utf-8", "replace")), markup=False)
        return
    etree.indent(root)
    text = _printable(etree.tostring(root, encoding="unicode"))
    if to.is_terminal:
        to.print(Syntax(text, "xml", background_color="default", word_wrap=True))
    else:
        to.print(text, markup=False)


def _printable(text: str) -> str:
    """Return what a peer wrote without the characters that steer a terminal; XML may hold some of them."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
