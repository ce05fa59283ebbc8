"""A listing that will end has its date, validToDate."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing; suite 5.2",
    rows="CL-71",
    needs="persons.with_end",
    force=Force.SHOULD,
)
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.with_end)
    probe.expect(
        seen.all("listings/validToDate"), "GetListing answers no validToDate for a listing that will end."
    )
