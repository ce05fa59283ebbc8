"""What is valid here is valid by others: a message that one validator refuses is refused.

xmlschema stands for the others; Xerces was asked once, and refused nothing that neither of the two did.
"""

from itertools import islice
from random import Random

import pytest
from lxml import etree

from contracts.catalogue import CONTRACTS, Contract, by_name
from contracts.schemas import built_in
from register.database import Register
from tests.instances import FOREIGN, XSI, instance, mutations, schema_of
from tests.messages import actor, code, envelope, path, person, request
from tests.producers import CENTRE, make_producer
from tests.records import ANNA
from tests.strength import sized
from tests.wsgi import post

NAMES = {contract.name: contract for contract in CONTRACTS}
EXTENSION = f'<w xmlns="{FOREIGN}"/>'
NIL = f'<w xmlns="{FOREIGN}" xmlns:i="{XSI}" i:nil="true"/>'


@pytest.mark.parametrize("contract", NAMES.values(), ids=NAMES)
def test_nothing_is_valid_here_that_another_refuses(contract: Contract) -> None:
    schema = schema_of(contract)
    for tag in (contract.request, contract.response):
        random = Random(tag)  # noqa: S311 - examples, the same every time
        valid = 0
        for _ in range(sized(quick=6, full=200)):
            message = instance(schema, tag, random)
            assert built_in().valid(contract, message), etree.tostring(message)
            for changed in islice(mutations(message, random), 15):
                if built_in().valid(contract, changed):
                    valid += 1
                    assert schema.is_valid(changed), etree.tostring(changed)
        assert valid, "nothing that was changed was valid: the test says nothing"


FACILITY = f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>"
TYPES = code("listingTypes", "PV", "1.2.752.129.5.1.27")
REQUESTS = {
    "GetAvailableHealthcareFacilities": ("<healthcareFacilities>SE1-1</healthcareFacilities>", TYPES),
    "GetAvailableHealthcarePersonnel": (person("personId", ANNA), FACILITY, TYPES),
    "GetListing": (actor(), person("personId", ANNA)),
    "GetListingCounty": (actor(), person("personId", ANNA)),
    "GetListingTypes": (person("personId", ANNA),),
    "CreateListing": (
        actor(),
        person("personId", ANNA),
        FACILITY,
        TYPES.replace("listingTypes", "listingType"),
    ),
}


@pytest.mark.parametrize("contract", REQUESTS)
@pytest.mark.parametrize("extension", [EXTENSION, NIL, "<c:root>1</c:root>"])
def test_an_extension_out_of_place_is_refused(
    small_register: Register, contract: str, extension: str
) -> None:
    """Before each of the contract's own elements; at the end it is one, unless it is said to be nil."""
    app = make_producer(small_register)
    parts = REQUESTS[contract]
    for place in range(len(parts) + 1):
        spoilt = request(contract, *parts[:place], extension, *parts[place:])
        last = place == len(parts) and extension is not NIL
        assert built_in().valid(by_name(contract), etree.fromstring(spoilt)) is last
        code, text = post(app, path(contract), envelope(spoilt)).result
        if not last:
            assert code == "ERROR"
            assert text is not None
            assert "Teknisk information: not valid" not in text


def test_room_for_extensions_is_last_in_every_type_of_our_schemas() -> None:
    """On which the rule relies."""
    for contract in CONTRACTS:
        for file in built_in().folder(contract).rglob("*.xsd"):
            for room in etree.parse(str(file)).iter("{http://www.w3.org/2001/XMLSchema}any"):
                assert room.getnext() is None, f"{file}: {room.sourceline}"
