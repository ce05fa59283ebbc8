"""Re-listings left are told, from 0 to as many as the region allows: three in twelve months."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe


@rule(
    "GetListing",
    "Socialstyrelsen; TKB carelisting 2.1, remainingChanges; suite 5.10",
    rows="CL-66",
    last=True,
)
def check(probe: Probe) -> None:
    most = probe.data.limits.max_changes
    for seen, one in parts(probe, "GetListing", "listings/remainingChanges"):
        left = (one.text or "").strip()
        if left.isdecimal() and int(left) > most:
            probe.show(seen)
            probe.expect(
                False, f"GetListing answers {left} re-listings left; there are at most {most} in 12 months."
            )
