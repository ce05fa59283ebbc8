"""``fastkontakt validate``: check a message in a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from lxml import etree

from consumer.envelope import body_content, fault_parts
from consumer.xml import XmlError, parse
from contracts.catalogue import CONTRACTS, LOGICAL_ADDRESS, by_element
from contracts.schemas import MAX_PROBLEMS, Problem, Schemas
from contracts.soap import FAULT, HEADER
from fastkontakt.commands.options import Config
from fastkontakt.console import err
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import load
from fastkontakt.showing import fact


def validate(
    file: Annotated[Path, typer.Argument(help="XML file; - is standard input.")],
    config: Config = None,
) -> None:
    """Tell which contract a message belongs to and whether it is valid, with every error's path and line.

    The file holds a request, a response or a SOAP Fault, in its envelope or alone. Ends with 0 when it is
    valid and with 1 when it is not.
    """
    schemas = open_schemas(load(config))
    name, data = _read(file)
    try:
        what, problems, notes = _check(parse(data), schemas)
    except XmlError as error:
        _refuse(name, error)
        raise typer.Exit(1) from None
    for line in (*problems, *notes):
        err.print(f"{name}: {line}", markup=False)
    if len(problems) == MAX_PROBLEMS:
        err.print(f"{name}: these are the first {MAX_PROBLEMS} errors, there may be more")
    fact("message", what, f"{name}: {what}, {'not valid' if problems else 'valid'}")
    fact("valid", not problems, "")
    fact("problems", list(map(str, problems)), "")
    fact("notes", notes, "")
    if problems:
        raise typer.Exit(1)


def _read(file: Path) -> tuple[str, bytes]:
    """Return what to call the file, and its content."""
    if str(file) == "-":
        return "standard input", typer.get_binary_stream("stdin").read()
    try:
        return str(file), file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="file") from None


def _check(root: etree._Element, schemas: Schemas) -> tuple[str, list[Problem], list[str]]:
    """Return what a document is, why it is not valid, and what else is worth knowing.

    Raises:
        XmlError: It is nothing that is known.
    """
    enveloped = etree.QName(root).localname == "Envelope"
    address = root.findtext(f"{HEADER}/{LOGICAL_ADDRESS}", "").strip()
    content = body_content(root) if enveloped else root
    if content.tag == FAULT:
        return "SOAP Fault", list(_fault_problems(content)), []
    contract = by_element(content.tag)
    if contract is None:
        raise XmlError(_unknown(content), content.sourceline)
    is_request = content.tag == contract.request
    notes = []
    if is_request and enveloped and not address:
        notes.append("note: the header LogicalAddress is missing or empty; producers and VP demand it")
    what = f"{contract.name} {contract.version}, {'request' if is_request else 'response'}"
    return what, schemas.problems(contract, content), notes


def _fault_problems(fault: etree._Element) -> Iterator[Problem]:
    """Yield what a Fault breaks of SOAP 1.1 section 4.4 and of WS-I Basic Profile 1.1."""
    names = {etree.QName(child).localname for child in fault}
    for name in ("faultcode", "faultstring"):
        if name not in names:
            yield Problem("/Fault", fault.sourceline, f"{name} is missing")
    for child in fault:
        if etree.QName(child).namespace:
            path = f"/Fault/{etree.QName(child).localname}"
            yield Problem(path, child.sourceline, "the children of Fault have no namespace")
    if "faultcode" in names and fault_parts(fault).namespace is None:
        yield Problem(
            "/Fault/faultcode", fault.sourceline, "it must be a qualified name, such as soap:Client"
        )


def _unknown(element: etree._Element) -> str:
    """Say what to compare an element with that belongs to no contract."""
    name = etree.QName(element)
    for contract in CONTRACTS:
        if name.localname in (contract.name, f"{contract.name}Response"):
            return f"holds {name.localname} in a namespace that is not its own: {contract.namespace}"
    known = ", ".join(contract.name for contract in CONTRACTS)
    return f"holds {name.localname}, which belongs to no known contract; known are {known}"


def _refuse(name: str, error: XmlError) -> None:
    places = [f"{label} {at}" for label, at in (("line", error.line), ("column", error.column)) if at]
    detail = f": {error.detail}" if error.detail else ""
    err.print(f"{', '.join((name, *places))}: the document {error}{detail}", markup=False)
