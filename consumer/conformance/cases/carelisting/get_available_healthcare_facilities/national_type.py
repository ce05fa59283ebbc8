"""PV among the filters: facilities with PV and no others."""

from consumer.conformance.case import rule
from consumer.conformance.looking import codes_of
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.codes import PV


@rule("GetAvailableHealthcareFacilities", "suite 1.3.1", rows="CL-44", needs="facilities.one")
def check(probe: Probe) -> None:
    seen = probe.facilities(types=(PV.code,))
    probe.expect(
        seen.all("healthcareFacilities"), "GetAvailableHealthcareFacilities answers no facility with PV."
    )
    for one in seen.all("healthcareFacilities"):
        kinds = codes_of(one, "supportedListingTypes")
        probe.expect(
            not kinds or PV.key in kinds,
            f"GetAvailableHealthcareFacilities, asked for PV, answers {text_of(one, 'id')}, whose types "
            "are others.",
        )
