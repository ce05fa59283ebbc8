"""newListingCounty other than the LogicalAddress: ERROR and a text."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county


@rule(
    "CreateListing",
    "suite 3.2.2",
    rows="CL-34",
    needs="writes.resident writes.facility carelisting.unserved_county",
    writes=True,
)
def check(probe: Probe) -> None:
    message = replace(
        wish(probe.data.writes.resident, probe.data.writes.facility),
        home_county=county(probe.data.carelisting.county),
        new_listing_county=county(probe.data.carelisting.unserved_county),
    )
    seen = probe.ask(message)
    probe.expect(
        seen.code == "ERROR",
        f"CreateListing whose newListingCounty is another than the LogicalAddress got {seen.what}; it must "
        "be resultCode ERROR.",
    )
