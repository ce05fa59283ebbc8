"""Somebody with protected identity gets the answer that an unknown person gets."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListingCounty


@rule(
    "GetListingCounty",
    "IS, protected identity; S000-007",
    rows="CL-22 S000-007",
    needs="persons.protected persons.unknown",
)
def check(probe: Probe) -> None:
    hidden, nobody = (
        probe.ask(GetListingCounty(citizen(one), person(one)))
        for one in (probe.data.persons.protected, probe.data.persons.unknown)
    )
    same = (hidden.code, hidden.fault is None, len(hidden.all("listingCounties"))) == (
        nobody.code,
        nobody.fault is None,
        len(nobody.all("listingCounties")),
    )
    probe.expect(
        same,
        f"GetListingCounty tells somebody with protected identity from somebody unknown: {hidden.what}, "
        f"and {nobody.what}.",
    )
