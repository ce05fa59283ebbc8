"""A resident of a county without agreement gets PV alone."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county
from contracts.codes import PV


@rule(
    "GetListingTypes",
    "TKB GetListingTypes",
    rows="CL-76",
    needs="persons.unknown carelisting.no_agreement_county",
)
def check(probe: Probe) -> None:
    kinds = probe.types(probe.data.persons.unknown, county(probe.data.carelisting.no_agreement_county)).texts(
        "listingTypes/code"
    )
    probe.expect(
        kinds == [PV.code],
        f"GetListingTypes answers {', '.join(kinds) or 'nothing'} for a resident of a county without "
        "agreement; it must be PV alone.",
    )
