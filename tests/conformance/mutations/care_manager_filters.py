"""Broken in what GetCareManagers is asked: filters, addresses, and what stands beside the contacts."""

from collections.abc import Callable, Iterator

from lxml import etree

from contracts import oids
from tests.conformance.broken import Ask, Mutation, When, a_fault, asks, edited, into
from tests.conformance.edits import gone, text_at
from tests.conformance.mutations.common import (
    CARE,
    CHILD,
    G,
    alter_exchange,
    contacts,
    mutation,
    swapped,
    without,
)


def care_manager_filters() -> Iterator[Mutation]:
    def edit(name: str, caught: str, edit: Callable[[etree._Element], None], when: When) -> Mutation:
        return mutation(name, f"{CARE}{caught}", edited(when, edit))

    def make(name: str, caught: str, make: Callable[[Ask], Ask]) -> Mutation:
        return mutation(name, " ".join(f"{CARE}{one}" for one in caught.split()), make)

    only_care = gone("careManager", lambda one: text_at(one, "code/code") != "1")
    yield edit(
        "one type of contact alone", "several_contacts", only_care, asks("GetCareManagers", f">{G.several}<")
    )

    def more(content: etree._Element) -> None:
        etree.SubElement(content, "{urn:x}more").text = "x"

    yield mutation("more beside the contacts", f"{CARE}nothing_else", edited(contacts(CHILD), more))
    filtered = asks("GetCareManagers", "careManagerType")
    one_type = lambda asked: filtered(asked) and asked.body.count(b"<ns0:careManagerType") == 1  # noqa: E731
    two_types = lambda asked: filtered(asked) and asked.body.count(b"<ns0:careManagerType") == 2  # noqa: E731
    yield make(
        "passes the type over", "filter_type filter_unknown_type", into(one_type, without("careManagerType"))
    )
    yield make("passes several types over", "filter_types", into(two_types, without("careManagerType")))
    yield edit(
        "stumbles over a blank",
        "filter_type_blank",
        gone("careManager"),
        asks("GetCareManagers", f"> {oids.FIXED_CONTACT_TYPE}<"),
    )
    yield make("a Fault for an unknown type", "filter_unknown_type", a_fault(asks("GetCareManagers", ">99<")))
    yield make(
        "passes the care provider over",
        "filter_care_giver filter_unknown_unit",
        into(asks("GetCareManagers", "careGiverId"), without("careGiverId")),
    )
    yield make(
        "passes the care unit over",
        "filter_care_unit filter_unknown_unit",
        into(asks("GetCareManagers", "careUnitId"), without("careUnitId")),
    )
    yield edit(
        "letter case of a filter means something",
        "filter_letter_case",
        gone("careManager"),
        asks("GetCareManagers", f">{G.care_unit.swapcase()}<"),
    )
    yield make(
        "everything for an unknown unit",
        "filter_unknown_unit",
        into(
            asks("GetCareManagers", f">{G.unknown_unit}<"),
            lambda text: without("careUnitId")(without("careGiverId")(text)),
        ),
    )
    yield make(
        "passes the care process over",
        "filter_care_process",
        into(asks("GetCareManagers", "careProcessId"), without("careProcessId")),
    )
    yield make("GetCareManagers: slow", "response_time", alter_exchange(asks("GetCareManagers"), seconds=4.0))
    yield make(
        "answers for every address",
        "other_address",
        into(
            asks("GetCareManagers", f">{G.unserved_address}<"),
            swapped(f">{G.unserved_address}<", f">{G.address}<"),
        ),
    )
    yield make(
        "letter case of the address means something",
        "address_letter_case",
        a_fault(asks("GetCareManagers", f">{G.address.lower()}<")),
    )
