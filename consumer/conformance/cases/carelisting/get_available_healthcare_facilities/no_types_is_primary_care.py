"""A facility that names no types offers PV, and is found by it."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.codes import PV


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB supportedListingTypes",
    rows="CL-49",
    needs="facilities.without_types",
)
def check(probe: Probe) -> None:
    wanted = probe.data.facilities.without_types
    ids = [one.upper() for one in probe.facilities(types=(PV.code,)).texts("healthcareFacilities/id")]
    probe.expect(
        wanted.upper() in ids,
        f"GetAvailableHealthcareFacilities, asked for PV, does not answer {wanted}, which names no types "
        "and so offers PV.",
    )
