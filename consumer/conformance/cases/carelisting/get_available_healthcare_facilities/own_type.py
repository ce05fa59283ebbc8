"""A type of the region's own among the filters: facilities with it and no others."""

from consumer.conformance.case import rule
from consumer.conformance.looking import codes_of
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from consumer.conformance.writing import kind


@rule("GetAvailableHealthcareFacilities", "suite 2.1", rows="CL-46", needs="carelisting.local_type")
def check(probe: Probe) -> None:
    wanted = kind(probe.data.carelisting.local_type)
    seen = probe.facilities(types=(probe.data.carelisting.local_type,))
    probe.expect(
        seen.all("healthcareFacilities"),
        f"GetAvailableHealthcareFacilities answers no facility with {wanted.code}.",
    )
    for one in seen.all("healthcareFacilities"):
        probe.expect(
            (wanted.code, wanted.code_system) in codes_of(one, "supportedListingTypes"),
            f"GetAvailableHealthcareFacilities, asked for {wanted.code}, answers {text_of(one, 'id')}, "
            "which does not have it.",
        )
