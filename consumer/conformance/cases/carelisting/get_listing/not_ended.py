"""No listing has ended: its validToDate, if it has one, is to come."""

from consumer.conformance.case import rule
from consumer.conformance.looking import moment, parts
from consumer.conformance.probe import Probe
from contracts.clock import swedish_now


@rule("GetListing", "TKB carelisting 2.1, GetListing; S000-009", rows="CL-71", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetListing", "listings/validToDate"):
        ends = moment(one.text or "")
        if ends is not None and ends.date() < swedish_now().date():
            probe.show(seen)
            probe.expect(
                False, f"GetListing answers a listing that ended {ends:%Y-%m-%d}; what has ended is not told."
            )
