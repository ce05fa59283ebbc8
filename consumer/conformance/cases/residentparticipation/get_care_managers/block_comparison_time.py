"""blockComparisonTime has been: it is when the contact was documented."""

from consumer.conformance.case import rule
from consumer.conformance.looking import moment, parts
from consumer.conformance.probe import Probe
from contracts.clock import swedish_now


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, accessControlHeader", rows="GC-17", last=True)
def check(probe: Probe) -> None:
    path = "careManager/careManagerHeader/accessControlHeader/blockComparisonTime"
    for seen, one in parts(probe, "GetCareManagers", path):
        when = moment(one.text or "")
        if when is not None and when.date() > swedish_now().date():
            probe.show(seen)
            probe.expect(False, f"GetCareManagers answers blockComparisonTime {one.text}, which is to come.")
