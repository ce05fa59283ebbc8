"""A contact that has not begun is not told."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.clock import swedish_now


@rule("GetCareManagers", "S000-034", rows="GC-11 S000-034", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        if text_of(one, "period/start") > f"{swedish_now():%Y%m%d}":
            probe.show(seen)
            probe.expect(
                False, f"GetCareManagers answers a contact that begins {text_of(one, 'period/start')}."
            )
