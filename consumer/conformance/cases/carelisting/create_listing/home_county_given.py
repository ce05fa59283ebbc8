"""homeCounty that is the LogicalAddress is as left out."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county


@rule(
    "CreateListing",
    "suite 1.4.1",
    rows="CL-31",
    needs="writes.given_county writes.given_facility carelisting.county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    seen = probe.ask(
        replace(wish(of.given_county, of.given_facility), home_county=county(probe.data.carelisting.county))
    )
    probe.expect(
        seen.done,
        f"CreateListing with homeCounty of the region itself got {seen.what}; it must be OK or INFO.",
    )
