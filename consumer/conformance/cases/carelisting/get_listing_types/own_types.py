"""The types of the region's own are told, under a code system that is not the national one."""

from consumer.conformance.case import rule
from consumer.conformance.looking import codes_of
from consumer.conformance.probe import Probe
from consumer.conformance.writing import kind


@rule(
    "GetListingTypes",
    "suite 5.2; TKB carelisting 2.1, section 5.1",
    rows="CL-78 CL-06",
    needs="carelisting.local_type",
)
def check(probe: Probe) -> None:
    wanted = kind(probe.data.carelisting.local_type)
    seen = probe.types()
    kinds = [] if seen.content is None else codes_of(seen.content, "listingTypes")
    probe.expect(
        (wanted.code, wanted.code_system) in kinds,
        f"GetListingTypes does not answer {wanted.code} of {wanted.code_system}, a type of the region.",
    )
