"""A facility's HSA-id is spelt in one way in every answer."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("GetListing", "suites, which compare letter by letter", rows="CL-73", force=Force.SHOULD, last=True)
def check(probe: Probe) -> None:
    spelt: dict[str, str] = {}
    for contract, seen in answers(probe, "GetListing", "GetAvailableHealthcareFacilities"):
        for id in [*seen.texts("listings/healthcareFacility/id"), *seen.texts("healthcareFacilities/id")]:
            if spelt.setdefault(id.upper(), id) != id:
                probe.show(seen)
                probe.expect(
                    False, f"{contract.name} spells a facility {id}, and another answer {spelt[id.upper()]}."
                )
