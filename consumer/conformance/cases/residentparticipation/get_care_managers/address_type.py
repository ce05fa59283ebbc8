"""The type of an address is postal, physical or both, of FHIR's address types."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers, codes_of
from consumer.conformance.probe import Probe
from contracts import oids


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, AddressType; FHIR", rows="GC-21", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        for one in [] if seen.content is None else seen.content.iter("{*}address"):
            for code, system in codes_of(one, "type"):
                if code not in ("postal", "physical", "both") or system != oids.ADDRESS_TYPE:
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"GetCareManagers answers an address of type {code or '(none)'} of "
                        f"{system or '(no code system)'}; it is postal, physical or both of "
                        f"{oids.ADDRESS_TYPE}.",
                    )
