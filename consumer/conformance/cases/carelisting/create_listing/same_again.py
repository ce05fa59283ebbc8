"""The same CreateListing again is harmless: the platform sends a POST again when the connection breaks.

It gets an answer that it is done, and uses up no re-listing.
"""

from consumer.conformance.case import Blocked, rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "SKLTP VP, retry; TKB carelisting 4.2.1",
    rows="CL-20",
    needs="writes.repeater writes.repeater_facility",
    writes=True,
)
def check(probe: Probe) -> None:
    number = probe.data.writes.repeater
    message = wish(number, probe.data.writes.repeater_facility)
    if not probe.ask(message).done:
        raise Blocked("the resident in writes.repeater could not be listed")
    first = probe.listing(number, anew=True)
    again = probe.ask(message)
    second = probe.listing(number, anew=True)
    probe.expect(
        again.done, f"The same CreateListing again got {again.what}; it must be answered as the first."
    )
    probe.expect(
        len(first.all("listings")) == len(second.all("listings")),
        "The same CreateListing twice made another listing.",
    )
    probe.expect(
        first.texts("listings/remainingChanges") == second.texts("listings/remainingChanges"),
        "The same CreateListing twice used up a re-listing twice.",
    )
