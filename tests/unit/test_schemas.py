"""Which schemas are used, and what a report on a broken message says."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from contracts.catalogue import CARELISTING, CONTRACTS, by_name
from contracts.schemas import MAX_PROBLEMS, SchemaError, Schemas, built_in
from tests.messages import CITIZEN, actor, person, request

XSD = Path(str(files("xsd")))
GET_LISTING = by_name("GetListing")
DOMAIN = XSD / GET_LISTING.folder


def unpack(folder: Path) -> Path:
    """Lay out the carelisting schemas in ``folder`` with a mark that tells them from our own."""
    shutil.copytree(DOMAIN, folder)
    schema = folder / GET_LISTING.schema_file
    schema.write_text(schema.read_text("utf-8") + "<!-- official -->", "utf-8")
    return folder


@pytest.mark.parametrize(
    "layout",
    [
        "schemas",
        "",
        GET_LISTING.folder,
        f"ServiceContracts_{GET_LISTING.folder}_2.1/schemas",
        f"ServiceContracts_{GET_LISTING.folder}_2.1",
    ],
)
def test_an_unpacked_release_package_goes_before_our_own_schemas(tmp_path: Path, layout: str) -> None:
    root = tmp_path / "packages"
    unpack(root / layout)

    schemas = Schemas(root)

    for contract in CONTRACTS:
        official = contract.domain == CARELISTING
        assert (root in schemas.folder(contract).parents or schemas.folder(contract) == root) is official
        assert schemas.wsdl(contract).is_file()


def test_a_message_is_checked_against_the_swapped_schema(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "schemas")
    schema = folder / GET_LISTING.schema_file
    text = schema.read_text("utf-8")
    assert 'name="personId"' in text
    schema.write_text(text.replace('name="personId"', 'name="patientId"'), "utf-8")
    element = etree.fromstring(request("GetListing", actor(), person("personId", CITIZEN)))

    assert built_in().valid(GET_LISTING, element)
    assert not Schemas(tmp_path).valid(GET_LISTING, element)


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_a_known_contract_is_refused(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "empty"
    if exists:
        path.mkdir()
    with pytest.raises(SchemaError, match="holds no release package" if exists else "is not a folder"):
        Schemas(path)


def test_a_report_names_path_line_and_reason_and_no_value() -> None:
    text = request(
        "GetListing", actor("ROBOT"), person("personId", CITIZEN), f"\n<unknown>{CITIZEN}</unknown>"
    )
    problems = built_in().problems(GET_LISTING, etree.fromstring(text))

    assert [(problem.path, problem.line) for problem in problems] == [
        ("/GetListing/actor/c:actorType", 1),
        ("/GetListing", 1),
    ]
    assert "CITIZEN" in problems[0].reason
    assert "unknown" in problems[1].reason
    assert CITIZEN not in "".join(map(str, problems))
    assert "ROBOT" not in "".join(map(str, problems))


def reasons(text: str) -> list[str]:
    """Return the reasons for which a GetListing is refused."""
    return [problem.reason for problem in built_in().problems(GET_LISTING, etree.fromstring(text))]


def test_a_report_names_what_is_expected_as_the_message_would() -> None:
    """The prefixes of our schema files say nothing to who wrote the message."""
    whole = request("GetListing", actor(), person("personId", CITIZEN))
    assert reasons(request("GetListing", person("personId", CITIZEN))) == [
        "Unexpected child with tag 'personId' at position 1. Tag 'actor' expected"
    ]
    assert (
        reasons(whole.replace("c:root", "c:rot"))
        == ["Unexpected child with tag 'c:rot' at position 1. Tag 'c:root' expected"] * 2
    )
    prefixed = whole.replace("xmlns=", "xmlns:q=").replace("<GetListing", "<q:GetListing")
    prefixed = prefixed.replace("</GetListing", "</q:GetListing")
    assert reasons(prefixed)[0] == "Unexpected child with tag 'actor' at position 1. Tag 'q:actor' expected"


def test_a_report_does_not_name_a_type_that_there_is_none_of() -> None:
    kind = '<personId xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="c:Hidden">'
    text = request("GetListing", actor(), person("personId", CITIZEN)).replace("<personId>", kind)
    assert reasons(text) == ["an xsi:type in it names a type the schema lacks"]


def test_a_report_has_an_end() -> None:
    many = request("GetAvailableHealthcareFacilities", "<listingTypes/>" * (MAX_PROBLEMS + 5))
    contract = by_name("GetAvailableHealthcareFacilities")
    assert len(built_in().problems(contract, etree.fromstring(many))) == MAX_PROBLEMS


def test_a_valid_message_has_no_problems() -> None:
    element = etree.fromstring(request("GetListing", actor(), person("personId", CITIZEN)))
    assert built_in().problems(GET_LISTING, element) == []
