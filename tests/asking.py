"""Asking the read contracts: requests go out valid, answers come back checked, both are easy to compare."""

from typing import Any

from lxml import etree

from contracts.catalogue import by_name
from producer.wsgi import Producer
from tests.messages import actor, envelope, path, person, request
from tests.producers import SOURCE_SYSTEM
from tests.records import ANNA, COUNTY
from tests.soap import check_exchange
from tests.wsgi import post

EXTENSION = "urn:riv:supportprocess:logistics:carelisting:2.1"


def ask(app: Producer, contract: str, *parts: str, address: str = COUNTY, **options: Any) -> etree._Element:
    """Send a request that its schema accepts, and return the response or Fault element.

    Args:
        app: The producer.
        contract: Name of the contract.
        parts: The request's own elements.
        address: The LogicalAddress.
        options: More for `tests.wsgi.post`.
    """
    body = envelope(request(contract, *parts), address)
    response = post(app, path(contract), body, **options)
    return check_exchange(body, response.body)[1]


def ask_ok(app: Producer, contract: str, *parts: str, address: str = COUNTY) -> etree._Element:
    """Ask a contract of carelisting, and return its response after seeing that it is OK and has no text."""
    answer = ask(app, contract, *parts, address=address)
    assert result(answer) == ("OK", None)
    return answer


def get_listing(
    app: Producer, person_id: str = ANNA, *, county: str = COUNTY, by: str | None = None
) -> etree._Element:
    """Ask GetListing, by the person itself if no other actor element is given."""
    by = by or actor("CITIZEN", person_id)
    return ask_ok(app, "GetListing", by, person("personId", person_id), address=county)


def get_listing_county(
    app: Producer, person_id: str = ANNA, *, county: str = COUNTY, by: str | None = None
) -> list[str]:
    """Ask GetListingCounty, by the person itself if nobody else is given, and return the codes it answers."""
    by = by or actor("CITIZEN", person_id)
    answer = ask_ok(app, "GetListingCounty", by, person("personId", person_id), address=county)
    return values(answer, "listingCounties/extension")


def result(answer: etree._Element) -> tuple[str | None, str | None]:
    """Return resultCode and resultText."""
    return answer.findtext("{*}resultCode"), answer.findtext("{*}resultText")


def values(element: etree._Element, steps: str) -> list[str]:
    """Return the texts of all elements at a path of local names such as ``listings/listingType/code``."""
    found = element.iterfind("/".join(f"{{*}}{step}" for step in steps.split("/")))
    return [one.text or "" for one in found]


def outline(element: etree._Element, depth: int = 0) -> list[str]:
    """Return an element and all in it as lines to compare: name with namespace, and text of the innermost."""
    text = "" if len(element) else f" {element.text!r}"
    lines = [f"{'  ' * depth}{element.tag}{text}"]
    for child in element:
        lines += outline(child, depth + 1)
    return lines


def response(contract: str, content: str) -> etree._Element:
    """Return a response element with this XML in it. Prefixes: ``c`` core types, ``e`` those of 2.1."""
    one = by_name(contract)
    text = (
        f'<{contract}Response xmlns="{one.namespace}" xmlns:c="{one.domain_namespace}" xmlns:e="{EXTENSION}">'
        f"{content}</{contract}Response>"
    )
    return etree.fromstring(text, etree.XMLParser(remove_blank_text=True))


def care_managers(
    app: Producer, person_id: str = ANNA, *filters: str, address: str = SOURCE_SYSTEM, **options: Any
) -> list[etree._Element]:
    """Ask GetCareManagers with these filter elements, and return the contacts it answers."""
    parts = (person("patientId", person_id), *filters)
    answer = ask(app, "GetCareManagers", *parts, address=address, **options)
    assert answer.tag == by_name("GetCareManagers").response, etree.tostring(answer)
    return list(answer)
