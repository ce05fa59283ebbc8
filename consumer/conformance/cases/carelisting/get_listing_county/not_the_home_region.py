"""A region that is not the home region answers OK with no county."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListingCounty


@rule(
    "GetListingCounty",
    "TKB GetListingCounty, scenario 4; suite 5.3",
    rows="CL-62 CL-15",
    needs="persons.of_other_county",
)
def check(probe: Probe) -> None:
    number = probe.data.persons.of_other_county
    seen = probe.ask(GetListingCounty(citizen(number), person(number)))
    probe.expect(
        seen.done,
        f"GetListingCounty at another region than home got {seen.what}; it must be OK with no county.",
    )
    probe.expect(
        not seen.all("listingCounties"),
        "GetListingCounty answers a county, and is not the home region: it is for that one to know.",
    )
