"""The comparison with the facts can fail: it notices a change anywhere in the files."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from tests.contract.facts_comparison import (
    XSD_ROOT,
    aspect_of,
    differences,
    domain_folder,
    load_facts,
    undocumented_types,
)
from tests.contract.wsdl_facts import NAMESPACES, XS, Facts, parse

DOMAINS = load_facts()
CONTRACTS: dict[str, Facts] = {c["operation"]: c for contracts in DOMAINS.values() for c in contracts}

WILDCARD = '<xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>'
ATTRIBUTE = '<xs:attribute name="x" type="xs:string"/>'
TYPE = '<xs:simpleType name="X"><xs:restriction base="xs:string"/></xs:simpleType>'
MAX_LENGTH = '<xs:maxLength value="9999"/>'
FAULT = '<wsdl:fault name="x"/>'

CORE = "core_components/supportprocess_logistics_carelisting_2.1.xsd"
EXT = "core_components/supportprocess_logistics_carelisting_2.1_ext.xsd"
MESSAGES = "interactions/GetListingInteraction/GetListingResponder_2.1.xsd"
WSDL = "interactions/GetListingInteraction/GetListingInteraction_2.1_RIVTABP21.wsdl"
CONTACTS = "core_components/coreprocess_residentparticipation_residentparticipation_1.0.xsd"


def behind_the_next(node: Any) -> None:
    node.getnext().addnext(node)


def removed(node: Any) -> None:
    node.getparent().remove(node)


def given(**attributes: str) -> Callable[[Any], None]:
    """Sets attributes."""
    return lambda node: node.attrib.update(attributes)


def extended(child: str) -> Callable[[Any], None]:
    """Appends a child, written with the prefixes xs and wsdl."""
    scope = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return lambda node: node.append(etree.fromstring(f"<x{scope}>{child}</x>")[0])


def declared_in_place(node: Any) -> None:
    """Makes a local element of a reference."""
    node.set("name", node.attrib.pop("ref").split(":")[1])
    node.set("type", "xs:int")


def made_a_choice(node: Any) -> None:
    node.tag = f"{{{XS}}}choice"


class Change(NamedTuple):
    """A change to the first node an XPath finds, and the aspect of the contract that it breaks."""

    title: str
    file: str
    xpath: str
    change: Callable[[Any], None]
    aspect: str


CHANGES = [
    Change("order of elements", MESSAGES, "//*[@name='actor']", behind_the_next, "types"),
    Change("name of an element", CORE, "//*[@name='isInQueue']", given(name="inQueue"), "types"),
    Change("type of an element", CORE, "//*[@name='isInQueue']", given(type="xs:string"), "types"),
    Change("maxOccurs", CORE, "//*[@name='isInQueue']", given(maxOccurs="unbounded"), "types"),
    Change("minOccurs", CORE, "//*[@name='isInQueue']", given(minOccurs="0"), "types"),
    Change("nillable", CORE, "//*[@name='isInQueue']", given(nillable="true"), "types"),
    Change("reference", CORE, "//*[@ref]", declared_in_place, "types"),
    Change("compositor", CORE, "//xs:sequence", made_a_choice, "types"),
    Change("added attribute", MESSAGES, "//xs:complexType", extended(ATTRIBUTE), "types"),
    Change("added wildcard", MESSAGES, "(//xs:sequence)[2]", extended(WILDCARD), "types"),
    Change("lost wildcard", CORE, "//xs:any", removed, "types"),
    Change("wildcard's namespace", CORE, "//xs:any", given(namespace="##local"), "types"),
    Change("wildcard's processContents", CORE, "//xs:any", given(processContents="strict"), "types"),
    Change("wildcard's occurrence", CORE, "//xs:any", given(maxOccurs="1"), "types"),
    Change("lost pattern", CONTACTS, "//xs:pattern", removed, "types"),
    Change("order of values", CORE, "//xs:enumeration", behind_the_next, "types"),
    Change("added facet", CORE, "//*[@name='HSAIdType']/xs:restriction", extended(MAX_LENGTH), "types"),
    Change("added type", MESSAGES, "/*", extended(TYPE), "types"),
    Change("unqualified elements", CORE, "/*", given(elementFormDefault="unqualified"), "types"),
    Change("elementFormDefault", EXT, "/*", given(elementFormDefault="unqualified"), "schema_files"),
    Change("schema version", EXT, "/*", given(version="2.2"), "schema_files"),
    Change("unused element", EXT, "//*[@name='inQueue']", removed, "other_global_elements"),
    Change(
        "unused element's type", EXT, "//*[@name='inQueue']", given(type="xs:int"), "other_global_elements"
    ),
    Change("import of nothing", WSDL, "//xs:import", given(schemaLocation="x.xsd"), "compiles"),
    Change("lost type", CORE, "//*[@name='IIType']", removed, "compiles"),
    Change("definitions name", WSDL, "/*", given(name="GetListing"), "interaction"),
    Change("message part", WSDL, "//wsdl:part", given(name="header"), "messages"),
    Change("fault", WSDL, "//wsdl:portType/wsdl:operation", extended(FAULT), "portTypes"),
    Change("soapAction", WSDL, "//*[@soapAction]", given(soapAction="urn:x"), "soapAction"),
    Change("SOAP header", WSDL, "//*[@part='LogicalAddress']", removed, "bindings"),
    Change("SOAP body", WSDL, "//*[@parts]", given(use="encoded"), "bindings"),
    Change("address", WSDL, "//*[@location]", given(location="http://localhost"), "services"),
]


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Facts], Path]:
    """Copies the domain folder of a contract into `tmp_path` and gives its place."""

    def copy(contract: Facts) -> Path:
        domain = domain_folder(contract)
        return shutil.copytree(XSD_ROOT / domain, tmp_path / domain)

    return copy


def change_file(path: Path, xpath: str, change: Callable[[Any], None]) -> None:
    root = parse(path)
    change(root.xpath(xpath, namespaces=NAMESPACES)[0])
    path.write_bytes(etree.tostring(root))


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case.title)
def test_notices_a_change(case: Change, tmp_path: Path, copy_of: Callable[[Facts], Path]) -> None:
    contract = CONTRACTS["GetCareManagers" if case.file == CONTACTS else "GetListing"]
    change_file(copy_of(contract) / case.file, case.xpath, case.change)

    assert case.aspect in {aspect_of(d) for d in differences(contract, tmp_path)}


def test_finds_nothing_in_an_unchanged_copy(tmp_path: Path, copy_of: Callable[[Facts], Path]) -> None:
    copy_of(CONTRACTS["GetListing"])

    assert differences(CONTRACTS["GetListing"], tmp_path) == []


def test_notices_another_file_name(tmp_path: Path, copy_of: Callable[[Facts], Path]) -> None:
    contract = CONTRACTS["GetListing"]
    wsdl = copy_of(contract) / WSDL
    wsdl.rename(wsdl.with_name("GetListing.wsdl"))

    assert [aspect_of(d) for d in differences(contract, tmp_path)] == ["wsdl_file"]


def test_notices_a_missing_contract(tmp_path: Path) -> None:
    assert [aspect_of(d) for d in differences(CONTRACTS["GetListing"], tmp_path)] == ["compiles"]


def test_notices_a_type_that_no_contract_knows(tmp_path: Path, copy_of: Callable[[Facts], Path]) -> None:
    contract = CONTRACTS["GetListing"]
    domain = copy_of(contract)
    change_file(domain / CORE, "/*", extended(TYPE))

    assert undocumented_types(DOMAINS[domain.name], tmp_path) == [
        f"{CORE}: {{urn:riv:supportprocess:logistics:carelisting:2}}X"
    ]
