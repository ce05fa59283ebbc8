"""Holds the project's schemas and WSDLs against the facts of the published contracts."""

import functools
from pathlib import Path
from typing import Any

import pytest
import zeep

from tests.contract.facts_comparison import (
    XSD_ROOT,
    aspect_of,
    differences,
    domain_folder,
    load_facts,
    undocumented_types,
)
from tests.contract.wsdl_facts import NAMESPACES, XS, Facts, inline_schema, parse

DOMAINS = load_facts()
CONTRACTS: dict[str, Facts] = {c["operation"]: c for contracts in DOMAINS.values() for c in contracts}
ASPECTS = ["compiles", *next(iter(CONTRACTS.values()))]
FILES = sorted(
    p.relative_to(XSD_ROOT).as_posix() for p in XSD_ROOT.rglob("*") if p.suffix in {".xsd", ".wsdl"}
)


@functools.cache
def found_differences(operation: str) -> list[str]:
    return differences(CONTRACTS[operation], XSD_ROOT)


def wsdl_of(operation: str) -> Path:
    contract = CONTRACTS[operation]
    return XSD_ROOT / domain_folder(contract) / str(contract["wsdl_file"])


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("operation", CONTRACTS)
def test_contract_says_what_the_facts_say(operation: str, aspect: str) -> None:
    assert [d for d in found_differences(operation) if aspect_of(d) == aspect] == []


@pytest.mark.parametrize("operation", CONTRACTS)
def test_every_difference_belongs_to_a_tested_aspect(operation: str) -> None:
    assert {aspect_of(d) for d in found_differences(operation)} <= set(ASPECTS)
    assert set(CONTRACTS[operation]) < set(ASPECTS)


@pytest.mark.parametrize("domain", DOMAINS)
def test_schemas_declare_no_type_the_facts_lack(domain: str) -> None:
    assert undocumented_types(DOMAINS[domain], XSD_ROOT) == []


@pytest.mark.parametrize("operation", CONTRACTS)
def test_wsdl_keeps_rules_the_facts_do_not_list(operation: str) -> None:
    """Basic Profile 2.1 rule 5, documentation, and rule 16, the namespace of the schema in wsdl:types."""
    wsdl = wsdl_of(operation)
    assert parse(wsdl).findtext("wsdl:documentation", "", NAMESPACES).strip()
    assert parse(wsdl).findtext("wsdl:portType/wsdl:operation/wsdl:documentation", "", NAMESPACES).strip()
    assert inline_schema(wsdl).get("targetNamespace") == CONTRACTS[operation]["wsdl_targetNamespace"]


@pytest.mark.parametrize("operation", CONTRACTS)
def test_zeep_offers_the_operation(operation: str) -> None:
    new_client: Any = zeep.Client  # its constructor has no types
    client = new_client(str(wsdl_of(operation)))
    ((name, binding),) = client.wsdl.bindings.items()
    assert list(binding.all()) == [operation]
    assert callable(client.create_service(name, "http://localhost/")[operation])


@pytest.mark.parametrize("file", [f for f in FILES if f.endswith(".xsd")])
def test_every_type_and_element_is_explained(file: str) -> None:
    declared = parse(XSD_ROOT / file).iter(f"{{{XS}}}element", f"{{{XS}}}complexType", f"{{{XS}}}simpleType")
    explanation = "xs:annotation/xs:documentation"
    silent = [e.get("name") for e in declared if not e.findtext(explanation, "", NAMESPACES).strip()]
    assert silent == []


def test_no_file_stands_outside_the_contracts() -> None:
    expected = {
        f"{domain}/{file}"
        for domain, contracts in DOMAINS.items()
        for contract in contracts
        for file in [contract["wsdl_file"], *(s["file"] for s in contract["schema_files"])]
    }
    assert {file for file in FILES if file.split("/")[0] in DOMAINS} == expected
