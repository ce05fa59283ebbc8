"""A resident of the county gets the types that apply to it."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county, person
from contracts.messages import GetListingTypes


@rule(
    "GetListingTypes",
    "TKB GetListingTypes; suite 1.1",
    rows="CL-75 CL-02",
    needs="persons.listed carelisting.county",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetListingTypes(person(probe.data.persons.listed), county(probe.data.carelisting.county))
    )
    probe.expect(
        seen.done and seen.all("listingTypes"),
        f"GetListingTypes for a resident of the county got {seen.what} with "
        f"{len(seen.all('listingTypes'))} types.",
    )
