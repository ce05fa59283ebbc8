"""homeCounty of another county, with newListingCounty of this one, works."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county


@rule(
    "CreateListing",
    "suite 1.4.2",
    rows="CL-32",
    needs="writes.newcomer writes.newcomer_county facilities.with_room",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    message = replace(
        wish(of.newcomer, probe.data.facilities.with_room),
        home_county=county(of.newcomer_county),
        new_listing_county=county(probe.data.carelisting.county),
    )
    seen = probe.ask(message)
    probe.expect(
        seen.done, f"CreateListing by a resident of another county got {seen.what}; it must be OK or INFO."
    )
