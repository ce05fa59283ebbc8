"""A fast omsorgskontakt has the home care unit that carries out the care."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule("GetCareManagers", "S003-048, S003-045", rows="S003-005 S003-045 S003-048", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        if text_of(one, "code/code") == "3" and not (
            found(one, "careProvidingCareUnit") or found(one, "managingCareUnit")
        ):
            probe.show(seen)
            probe.expect(False, "GetCareManagers answers a fast omsorgskontakt (code 3) without its unit.")
