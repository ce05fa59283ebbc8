"""Somebody with protected identity gets the answer that an unknown person gets, in content and in kind."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule(
    "GetListing",
    "IS, protected identity; S000-007",
    rows="CL-22 S000-007 S001-061",
    needs="persons.protected persons.unknown",
)
def check(probe: Probe) -> None:
    hidden, nobody = (
        probe.ask(GetListing(citizen(one), person(one)))
        for one in (probe.data.persons.protected, probe.data.persons.unknown)
    )
    same = (hidden.code, hidden.fault is None, len(hidden.all("listings"))) == (
        nobody.code,
        nobody.fault is None,
        len(nobody.all("listings")),
    )
    probe.expect(
        same,
        f"GetListing tells somebody with protected identity from somebody unknown: {hidden.what} with "
        f"{len(hidden.all('listings'))} listings, and {nobody.what}.",
    )
