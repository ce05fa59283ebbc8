"""queuePosition and the resident's own wait stand with a place in a queue alone."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, found, text_of


@rule("GetListing", "TKB carelisting 2.1, queuePosition; suite 5.8 and 5.9", rows="CL-68", last=True)
def check(probe: Probe) -> None:
    for seen, listing in parts(probe, "GetListing", "listings"):
        for name in ("queuePosition", "estimatedWaitInQueue"):
            if found(listing, name) and text_of(listing, "isInQueue") in FALSE:
                probe.show(seen)
                probe.expect(
                    False,
                    f"GetListing answers {name} with an active listing; it is about a place in a queue.",
                )
