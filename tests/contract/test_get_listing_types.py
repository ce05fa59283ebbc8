"""GetListingTypes 2.0: the types a region offers, in general and to a resident (carelisting facts 2.6)."""

import pytest

from contracts import oids
from contracts.codes import PV
from register.database import Register
from register.model import ListingType
from tests.asking import ask, ask_ok, outline, response, result, values
from tests.databases import keep
from tests.messages import hsa, identity, person
from tests.producers import make_producer
from tests.records import ANNA, COUNTY, OTHER_COUNTY, OTHER_ID, REGION_TYPE

REGIONAL = ListingType(COUNTY, *REGION_TYPE, display_name="Barnavårdscentral")
AGREED = ListingType(
    COUNTY, "AAA", "1.2.752.113.99", "Barnhälsa över gränsen", agreed_counties=(OTHER_COUNTY, "25")
)
NEIGHBOURS = ListingType(OTHER_COUNTY, "MVC", "1.2.752.97.1", "Mödravård")


def home(county: str, root: str = oids.COUNTY) -> str:
    return identity("homeCountyCode", root, county)


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    keep(sqlite_register, REGIONAL, AGREED, NEIGHBOURS)
    return sqlite_register


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ((), ["PV", "AAA", "BVC"]),
        ((person("personId", ANNA), home(COUNTY)), ["PV", "AAA", "BVC"]),
        ((person("personId", ANNA), home("03")), ["PV"]),
        ((person("personId", ANNA), home(OTHER_COUNTY)), ["PV", "AAA"]),
        ((person("personId", OTHER_ID), home("25")), ["PV", "AAA"]),
    ],
    ids=["neither", "own resident", "no agreement", "agreement", "agreement, coordination number"],
)
def test_the_table_of_the_facts(filled: Register, asked: tuple[str, ...], codes: list[str]) -> None:
    """Contradiction C30: residents of a co-operating region get both PV and the agreed types."""
    answer = ask_ok(make_producer(filled), "GetListingTypes", *asked)
    assert values(answer, "listingTypes/code") == codes


def test_each_region_has_its_own(filled: Register) -> None:
    answer = ask_ok(make_producer(filled), "GetListingTypes", address=OTHER_COUNTY)
    assert values(answer, "listingTypes/code") == ["PV", "MVC"]


def test_a_whole_answer_has_pv_first_with_its_national_name(sqlite_register: Register) -> None:
    """Contradiction C9: displayName is always sent."""
    keep(sqlite_register, AGREED, ListingType(COUNTY, PV.code, PV.system, "Hälsoval"))
    answer = ask_ok(make_producer(sqlite_register), "GetListingTypes")
    expected = """
    <listingTypes>
      <c:code>PV</c:code>
      <c:codeSystem>1.2.752.129.5.1.27</c:codeSystem>
      <c:displayName>Primärvårdslistning</c:displayName>
    </listingTypes>
    <listingTypes>
      <c:code>AAA</c:code>
      <c:codeSystem>1.2.752.113.99</c:codeSystem>
      <c:displayName>Barnhälsa över gränsen</c:displayName>
    </listingTypes>
    <resultCode>OK</resultCode>
    """
    assert outline(answer) == outline(response("GetListingTypes", expected))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((person("personId", ANNA),), "give both of them or neither"),
        ((home(COUNTY),), "give both of them or neither"),
        ((person("personId", ANNA), home("98")), "not a county code"),
        ((person("personId", ANNA), home("11")), "give 12 (Skåne län)"),
        ((person("personId", ANNA), home(COUNTY, oids.HSA_ID)), oids.COUNTY),
        ((person("personId", "98240301AA06"), home(COUNTY)), "only personnummer, samordningsnummer"),
        ((hsa("personId", "SE2321000131-P1"), home(COUNTY)), "root"),
    ],
    ids=["no county", "no person", "no such county", "abolished county", "no county root", "NRID", "HSA-id"],
)
def test_what_the_contract_does_not_allow(filled: Register, asked: tuple[str, ...], told: str) -> None:
    """The two go together (facts 2.6); the text says what is wrong and quotes no person number."""
    code, text = result(ask(make_producer(filled), "GetListingTypes", *asked))
    assert code == "ERROR"
    assert text is not None
    assert told in text
    assert ANNA not in text
