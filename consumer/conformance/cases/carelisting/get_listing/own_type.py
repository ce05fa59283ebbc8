"""A listing of a type of the region's own is told beside the one for primary care."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.codes import PV


@rule("GetListing", "suite 5.3.2; TKB carelisting 2.1, GetListing", rows="CL-78", needs="persons.two_types")
def check(probe: Probe) -> None:
    systems = probe.listing(probe.data.persons.two_types).texts("listings/listingType/codeSystem")
    probe.expect(
        PV.system in systems and set(systems) - {PV.system},
        f"GetListing answers types of {', '.join(sorted(set(systems))) or 'no code system'} for somebody "
        "listed for PV and for a type of the region's own.",
    )
