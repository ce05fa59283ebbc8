"""Compares the schemas and WSDLs of a folder in release-package layout with the interface facts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from xmlschema import XMLSchemaException, XMLSchemaImportWarning

from tests.contract.schema_facts import compile_contract, file_of, own_schemas, read_schema
from tests.contract.wsdl_facts import Facts, read_wsdl

FACTS = Path(__file__).parent / "facts"
XSD_ROOT = Path(__file__).parents[2] / "xsd"

_ABSENT = "nothing"


def load_facts() -> dict[str, list[Facts]]:
    """The facts of all contracts, by domain folder."""
    domains = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FACTS.glob("*.json"))]
    return {domain_folder(contracts[0]): contracts for contracts in domains}


def domain_folder(contract: Facts) -> str:
    """Name of the folder of a contract's domain: its name with underscores."""
    domain: str = contract["responder_namespace"].removeprefix("urn:riv:").rsplit(":", 2)[0]
    return domain.replace(":", "_")


def differences(contract_facts: Facts, xsd_root: Path) -> list[str]:
    """What the schemas and the WSDL of a contract say otherwise than its facts.

    Args:
        contract_facts: the facts of one contract.
        xsd_root: folder that holds the domain folders.

    Returns:
        One line per difference, beginning with the key of the fact. A contract that does not compile gives
        one line, beginning with ``compiles``.
    """
    try:
        found = _read_contract(contract_facts["interaction"], xsd_root / domain_folder(contract_facts))
    except (OSError, etree.LxmlError, XMLSchemaException, XMLSchemaImportWarning) as error:
        return [f"compiles: {error}"]
    return list(_compare("", contract_facts, found))


def aspect_of(difference: str) -> str:
    """The key of the facts that a difference is about."""
    return re.split(r"[:/\[]", difference, maxsplit=1)[0]


def undocumented_types(domain_facts: list[Facts], xsd_root: Path) -> list[str]:
    """Types in the schema files of a domain that the facts of none of the file's contracts name.

    A domain schema serves several contracts, so only their facts together can tell what belongs in it.
    """
    domain = xsd_root / domain_folder(domain_facts[0])
    known: dict[str, set[str]] = {}
    declared: dict[str, set[str]] = {}
    for contract in domain_facts:
        named = {*contract["types"], *contract["other_global_elements"].values()}
        for schema_file in contract["schema_files"]:
            known.setdefault(schema_file["file"], set()).update(named)
        for own in own_schemas(compile_contract(domain / contract["wsdl_file"])):
            declared.setdefault(file_of(own, domain), set()).update(t.name for t in own.types.values())
    return [
        f"{file}: {name}"
        for file, names in sorted(declared.items())
        for name in sorted(names - known.get(file, set()))
    ]


def _read_contract(interaction: str, domain: Path) -> Facts:
    folder = domain / "interactions" / interaction
    wsdls = sorted(folder.glob("*.wsdl"))
    if len(wsdls) != 1:
        raise FileNotFoundError(f"{len(wsdls)} WSDL files in interactions/{interaction}")
    found = read_wsdl(wsdls[0])
    parts = [part["element"] for message in found["messages"] for part in message["parts"]]
    return {
        "wsdl_file": wsdls[0].relative_to(domain).as_posix(),
        **found,
        **read_schema(compile_contract(wsdls[0]), domain, parts),
    }


def _compare(path: str, fact: Any, found: Any) -> Iterator[str]:
    """The places where two structures differ, in words."""
    if isinstance(fact, dict) and isinstance(found, dict):
        for key in [*fact, *(key for key in found if key not in fact)]:
            inner = f"{path}/{key}" if path else key
            yield from _compare(inner, fact.get(key, _ABSENT), found.get(key, _ABSENT))
    elif isinstance(fact, list) and isinstance(found, list):
        for number in range(max(len(fact), len(found))):
            pair = (side[number] if number < len(side) else _ABSENT for side in (fact, found))
            yield from _compare(f"{path}[{number}]", *pair)
    elif fact != found:
        yield f"{path}: the facts say {fact!r}, the files say {found!r}"
