"""A fast läkarkontakt has a care unit: the primary care unit where the patient is listed."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule("GetCareManagers", "S003-003, S003-013", rows="S003-003 S003-064 S000-021", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        if text_of(one, "code/code") == "2" and not found(one, "managingCareUnit"):
            probe.show(seen)
            probe.expect(
                False, "GetCareManagers answers a fast läkarkontakt (code 2) without managingCareUnit."
            )
