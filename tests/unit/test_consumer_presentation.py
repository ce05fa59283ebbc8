"""Answers in words: everything an answer can hold is shown, and can be read."""

import csv
import random
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
import xmlschema
from lxml import etree

from consumer.presentation import has_items, items, sheets
from contracts import oids
from contracts.catalogue import by_name
from contracts.codes import ActorType
from contracts.messages import (
    II,
    REQUESTS,
    Actor,
    GetAvailableHealthcareFacilities,
    GetCareManagers,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
)
from contracts.schemas import built_in
from tests.peers import answered, call, response_element
from tests.soap import response

PATIENT = II(oids.PERSONNUMMER, "194003189083")
PING = PingForConfiguration("urn:x", "14")
CONTACTS = GetCareManagers(PATIENT)
IN_WORDS = {"CVType", "IIType", "ContactType", "DatePeriodType", "ConfigurationType"}
"""Types that are written as one text."""


def hsa(name: str, extension: str) -> str:
    return f"<c:{name}><c:root>{oids.HSA_ID}</c:root><c:extension>{extension}</c:extension></c:{name}>"


CONTACT = f"""<careManager>
  <c:careManagerHeader>
    <c:accessControlHeader>
      {hsa("accountableHealthcareProviderId", "SE2321000131-P")}
      {hsa("accountableCareUnitId", "SE2321000131-U")}
      <c:patientId><c:root>{PATIENT.root}</c:root><c:extension>{PATIENT.extension}</c:extension></c:patientId>
      <c:blockComparisonTime>20250401083000</c:blockComparisonTime>
    </c:accessControlHeader>
    {hsa("sourceSystemId", "SE2321000131-S")}
  </c:careManagerHeader>
  <c:code><c:code>1</c:code><c:codeSystem>1.2.752.129.5.1.69</c:codeSystem></c:code>
  <c:practitioner>
    {hsa("hsaId", "SE2321000131-D")}<c:name>Åsa Öberg</c:name>
    <c:qualification><c:originalText>Överläkare</c:originalText></c:qualification>
  </c:practitioner>
  <c:period><c:start>20250401</c:start></c:period>
  <c:internalNotes>Rad ett
Rad två</c:internalNotes>
  <c:managingCareGiver>{hsa("hsaId", "SE2321000131-P")}</c:managingCareGiver>
  <c:contact>
    <c:telecom>
      <c:system><c:code>phone</c:code></c:system><c:value>+46313900601</c:value>
      <c:period>
        <c:datePeriod><c:start>20250601</c:start><c:end>20250831</c:end></c:datePeriod>
        <c:weekDay>Monday</c:weekDay><c:weekDay>Tuesday</c:weekDay><c:weekDay>Wednesday</c:weekDay>
        <c:time><c:start>080000</c:start><c:end>235959</c:end></c:time>
      </c:period>
      <c:period>
        <c:weekDay>Monday</c:weekDay><c:weekDay>Thursday</c:weekDay>
        <c:month>June</c:month><c:month>July</c:month>
      </c:period>
    </c:telecom>
    <c:telecom><c:value>https://example.org</c:value></c:telecom>
    <c:address>
      <c:type><c:code>both</c:code></c:type><c:line>Blåbärsvägen 3</c:line><c:city>Göteborg</c:city>
      <c:postalCode>411 01</c:postalCode>
    </c:address>
  </c:contact>
</careManager>"""


def paths(element: Any, prefix: str = "") -> Iterator[str]:
    """Yield the paths of the values below an element of a schema."""
    for child in element.type.content.iter_elements():
        if child.local_name is None:  # an extension point
            continue
        path = f"{prefix}{child.local_name}"
        if child.type.is_simple() or child.type.local_name in IN_WORDS:
            yield path
        else:
            yield from paths(child, f"{path}.")


@pytest.mark.parametrize("name", [name for name in REQUESTS if has_items(by_name(name))])
def test_every_element_of_a_response_has_a_label(name: str) -> None:
    contract = by_name(name)
    schema: Any = xmlschema.XMLSchema10(str(built_in().schema(contract)))
    answer = schema.elements[f"{name}Response"]
    repeated = next(iter(answer.type.content.iter_elements()))
    item = answer if repeated.max_occurs == 1 else repeated
    expected = set(paths(item))
    if name == "GetListingCounty":
        expected = {"."}  # a county is one text
    rows = csv.DictReader(files("consumer").joinpath("labels.csv").read_text("utf-8").splitlines())
    labelled = [row["element"] for row in rows if row["contract"] == name]
    assert set(labelled) == expected
    assert len(labelled) == len(expected)


def rows(message: Any, content: str) -> dict[str, str]:
    """Return element -> text of the only item of an answer."""
    (sheet,) = sheets(by_name(type(message).__name__), answered(message, content).body)
    assert sheet.columns == ("", "Value", "Element")
    return {element: text for _, text, element in sheet.rows}


def test_a_fixed_contact_in_words() -> None:
    shown = rows(CONTACTS, CONTACT)
    assert shown["code"] == "1 (1.2.752.129.5.1.69)"
    assert shown["practitioner.name"] == "Åsa Öberg"
    assert shown["practitioner.qualification"] == "Överläkare"
    assert shown["period"] == "2025-04-01 – until further notice"
    assert shown["internalNotes"] == "Rad ett\nRad två"
    assert shown["contact"].splitlines() == [
        "phone +46313900601 (2025-06-01 – 2025-08-31 Monday–Wednesday 08:00–23:59:59; "
        "June, July Monday, Thursday)",
        "https://example.org",
        "both Blåbärsvägen 3, 411 01 Göteborg",
    ]
    header = "careManagerHeader.accessControlHeader"
    assert shown[f"{header}.patientId"] == "194003189083 (1.2.752.129.2.1.3.1)"
    assert shown[f"{header}.accountableCareUnitId"] == "SE2321000131-U"
    assert "careTeam.name" not in shown


def test_a_ping_in_words() -> None:
    shown = rows(
        PING,
        "<version>1.0</version><pingDateTime>20261121093000</pingDateTime>"
        "<configuration><name>a</name><value>1</value></configuration>"
        "<configuration><name>b</name><value>2</value></configuration>",
    )
    assert shown == {"version": "1.0", "pingDateTime": "20261121093000", "configuration": "a = 1\nb = 2"}


def test_items_that_fit_in_one_table_share_it_and_empty_columns_are_left_out() -> None:
    facilities = "".join(
        f"<healthcareFacilities><c:id>SE1-{number}</c:id><c:name>Enhet {number}</c:name>"
        f"<c:hasQueue>{queue}</c:hasQueue><c:supportsHealthcarePersonnel>true</c:supportsHealthcarePersonnel>"
        f"{length}</healthcareFacilities>"
        for number, queue, length in ((1, "false", ""), (2, "true", "<e:queueLength>0</e:queueLength>"))
    )
    message = GetAvailableHealthcareFacilities()
    (sheet,) = sheets(
        by_name(type(message).__name__), answered(message, f"{facilities}<resultCode>OK</resultCode>").body
    )
    assert [column.partition("\n")[2] for column in sheet.columns] == [
        "name",
        "id",
        "hasQueue",
        "queueLength",
        "supportsHealthcarePersonnel",
    ]
    assert sheet.rows == [("Enhet 1", "SE1-1", "no", "", "yes"), ("Enhet 2", "SE1-2", "yes", "0", "yes")]


def test_counties_are_shown_by_name() -> None:
    message = GetListingCounty(Actor(PATIENT, ActorType.CITIZEN), PATIENT)
    counties = "".join(
        f"<listingCounties><c:root>{oids.COUNTY}</c:root><c:extension>{code}</c:extension></listingCounties>"
        for code in ("14", "99")
    )
    answer = answered(message, f"{counties}<resultCode>OK</resultCode>")
    (sheet,) = sheets(by_name("GetListingCounty"), answer.body)
    assert sheet.columns == ("County\nlistingCounties",)
    assert sheet.rows == [("14 Västra Götalands län",), (f"99 ({oids.COUNTY})",)]


def test_an_answer_without_items_has_nothing_to_show() -> None:
    answer = answered(GetListingTypes(), "<resultCode>OK</resultCode>")
    assert items(by_name("GetListingTypes"), answer.body) == []
    assert sheets(by_name("GetListingTypes"), answer.body) == []


def test_several_items_are_numbered() -> None:
    found = sheets(by_name("GetCareManagers"), answered(CONTACTS, CONTACT * 2).body)
    assert [sheet.title for sheet in found] == ["Fixed contact 1 of 2", "Fixed contact 2 of 2"]


def test_a_broken_answer_never_breaks_the_presentation() -> None:
    """Break a valid answer in many ways; what can be read of it is shown, whatever it is."""
    contract = by_name("GetCareManagers")
    choose = random.Random(20261121)  # noqa: S311  # the same breakages in every run
    shown = 0
    for _ in range(60):
        element = etree.fromstring(response_element(CONTACTS, CONTACT))
        for victim in choose.sample(list(element.iterdescendants()), 3):
            parent = victim.getparent()
            match choose.randrange(5):
                case _ if parent is None:  # gone with one of those before
                    pass
                case 0:
                    parent.remove(victim)
                case 1:
                    victim.clear()
                case 2:
                    parent.append(victim)
                case 3:
                    victim.text = "Å"
                case 4:
                    victim.tag = choose.choice([element, *element.iterdescendants()]).tag
        result = call(CONTACTS, content=response(etree.tostring(element, encoding="unicode")))
        shown += len(sheets(contract, result.body))  # type: ignore[union-attr]  # it is always an Answer
    assert shown > 40
