"""A resident of a county with agreement gets PV, and no more than the agreed types beside it."""

from consumer.conformance.case import rule
from consumer.conformance.looking import codes_of
from consumer.conformance.probe import Probe
from consumer.conformance.writing import county, kind
from contracts.codes import PV


@rule(
    "GetListingTypes",
    "TKB GetListingTypes; C30",
    rows="CL-77",
    needs="persons.of_other_county carelisting.agreed_county carelisting.agreed_type",
)
def check(probe: Probe) -> None:
    seen = probe.types(probe.data.persons.of_other_county, county(probe.data.carelisting.agreed_county))
    kinds = [] if seen.content is None else codes_of(seen.content, "listingTypes")
    agreed = kind(probe.data.carelisting.agreed_type)
    allowed = {PV.key, (agreed.code, agreed.code_system)}
    probe.expect(
        PV.key in kinds, "GetListingTypes does not answer PV for a resident of a county with agreement."
    )
    for code, system in kinds:
        probe.expect(
            (code, system) in allowed,
            f"GetListingTypes answers {code} of {system} for a resident of a county that has not agreed on "
            "it.",
        )
