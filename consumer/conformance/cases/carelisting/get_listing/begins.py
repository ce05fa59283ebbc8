"""An active listing has the time from which it holds."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, found, text_of


@rule("GetListing", "suite 5.1", rows="CL-70", needs="persons.listed", force=Force.SHOULD)
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.listed)
    active = [one for one in seen.all("listings") if text_of(one, "isInQueue") in FALSE]
    probe.expect(
        not active or any(found(one, "validFromDate") for one in active),
        "GetListing answers an active listing without validFromDate.",
    )
