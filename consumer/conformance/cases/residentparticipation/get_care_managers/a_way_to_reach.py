"""Every contact can be reached: by a way of its own, of its team, or of a unit."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts, routes
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "Prop. 2025/26:19; TKB GetCareManagers 1.0 RC2, contact", rows="S001-002", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        if not any(text_of(route, "telecom/value") for _, route in routes(one)):
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers a contact with code {text_of(one, 'code/code')} and no way to "
                "reach it: no telecom at any level.",
            )
