"""PingForConfiguration 1.0: the service and its register are up (facts/rivta.md, monitoring)."""

import pytest
from lxml import etree

from contracts.catalogue import by_name
from producer.wsgi import Producer
from register.database import Register
from tests.asking import ask, outline, response, values
from tests.databases import audit_rows, file_of
from tests.producers import make_producer
from tests.records import COUNTY, PROVIDER

CONTRACT = "PingForConfiguration"


def ping(app: Producer, address: str = COUNTY) -> etree._Element:
    """Ask as the platform does; serviceContractNamespace names the contract it wonders about."""
    return ask(
        app,
        CONTRACT,
        f"<serviceContractNamespace>{by_name('GetListing').namespace}</serviceContractNamespace>",
        f"<logicalAddress>{address}</logicalAddress>",
        address=address,
    )


def test_a_whole_answer(sqlite_register: Register) -> None:
    expected = """
    <version>1.2.3</version>
    <pingDateTime>20260310120000</pingDateTime>
    <configuration><name>product</name><value>fastkontakt</value></configuration>
    <configuration><name>regions</name><value>01, 14</value></configuration>
    <configuration><name>sourceSystemId</name><value>SE2321000131-system</value></configuration>
    <configuration><name>demo</name><value>false</value></configuration>
    """
    assert outline(ping(make_producer(sqlite_register))) == outline(response(CONTRACT, expected))


def test_without_regions_and_care_managers(sqlite_register: Register) -> None:
    answer = ping(make_producer(sqlite_register, regions={}, care_managers=None))
    assert values(answer, "configuration/value") == ["fastkontakt", "", "", "false"]


@pytest.mark.parametrize("address", [str(PROVIDER.hsa_id), "99", "5565594230"])
def test_any_logical_address_will_do(sqlite_register: Register, address: str) -> None:
    assert values(ping(make_producer(sqlite_register), address), "version") == ["1.2.3"]


def test_it_is_about_no_person(sqlite_register: Register) -> None:
    ping(make_producer(sqlite_register))
    assert audit_rows(sqlite_register) == []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.breaks_the_register
def test_a_register_that_cannot_be_read_is_a_fault(register: Register) -> None:
    """If this call fails the others are expected to fail too (annotation of the contract)."""
    register.dispose()
    file_of(register).write_text("this is no database, whatever its name says")
    assert "FK502" in ping(make_producer(register)).findtext("faultstring")
