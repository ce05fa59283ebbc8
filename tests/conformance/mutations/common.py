"""What mutations of every group are made of."""

import re
from collections.abc import Callable
from dataclasses import replace

from consumer.conformance.writing import citizen, person
from consumer.results import Exchange
from contracts.catalogue import by_name
from contracts.messages import GetListing
from tests.conformance.broken import Ask, Mutation, When, asks, out
from tests.conformance.in_process import Asked, demo_data, writer

P = demo_data().persons

F = demo_data().facilities

G = demo_data().care_managers

W = demo_data().writes

CHILD = "201702022383"

HOME = demo_data().carelisting.county

LISTING = "carelisting/get_listing/"

COUNTY = "carelisting/get_listing_county/"

TYPES = "carelisting/get_listing_types/"

PLACES = "carelisting/get_available_healthcare_facilities/"

STAFF = "carelisting/get_available_healthcare_personnel/"

CREATE = "carelisting/create_listing/"

UPDATE = "carelisting/update_listing/"

EVERY = "carelisting/every_answer/"

CARE = "residentparticipation/get_care_managers/"


def mutation(
    name: str, caught: str, make: Callable[[Ask], Ask] = lambda ask: ask, **data: dict[str, object]
) -> Mutation:
    return Mutation(name, frozenset(caught.split()), make, data)


def listing(number: str) -> When:
    """The question of a citizen for the own listing."""
    return asks("GetListing", f">{number}<", "CITIZEN")


QUEUER = listing(P.in_queue)

"""A question that one rule alone asks, and looks into: what comes in place of its answer breaks no other."""


def contacts(number: str) -> When:
    return asks("GetCareManagers", f">{number}<", without="careManagerType")


def alter_exchange(when: When, **changes: object) -> Callable[[Ask], Ask]:
    return out(when, lambda came: replace(came, **changes))  # type: ignore[arg-type]


def with_header(name: str, value: str) -> Callable[[Exchange], Exchange]:
    return lambda came: replace(came, response_headers={**came.response_headers, name: value})


def rebytes(old: bytes, new: bytes) -> Callable[[Exchange], Exchange]:
    return lambda came: replace(came, response=came.response.replace(old, new))


def plain(asked: Asked) -> Asked:
    """The plainest request."""
    message = GetListing(citizen(P.listed), person(P.listed))
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    return Asked(by_name("GetListing"), writer().envelope(message, HOME), headers, "POST")


def of(number: str, contract: str = "GetListing") -> Callable[[Asked], Asked]:
    """The same question about somebody else, in whom a producer mistakes the one who was asked about."""

    def other(asked: Asked) -> Asked:
        text = asked.body.decode()
        return asked._replace(body=re.sub(r"(?<=>)\d{8}[0-9A-Z]{2}\d\d(?=<)", number, text).encode())

    return other


def without(element: str) -> Callable[[str], str]:
    """A request without an element, as a producer that passes it over sees it."""
    return lambda text: re.sub(rf"<(\w+:{element})\b.*?</\1>", "", text, flags=re.DOTALL)


def swapped(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)
