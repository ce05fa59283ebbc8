"""Who is listed nowhere: OK with no county."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListingCounty


@rule("GetListingCounty", "TKB GetListingCounty, scenario 5", rows="CL-15", needs="persons.not_listed")
def check(probe: Probe) -> None:
    number = probe.data.persons.not_listed
    seen = probe.ask(GetListingCounty(citizen(number), person(number)))
    probe.expect(
        seen.done,
        f"GetListingCounty for somebody who is listed nowhere got {seen.what}; it must be OK with no county.",
    )
    probe.expect(
        not seen.all("listingCounties"),
        "GetListingCounty answers a county for somebody who is listed nowhere.",
    )
