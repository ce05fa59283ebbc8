"""The same CreateListing twice at the same time makes one listing."""

from consumer.conformance.case import rule
from consumer.conformance.looking import codes_of, wish
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, text_of
from contracts.catalogue import by_name


@rule(
    "CreateListing", "SKLTP VP, retry", rows="CL-20", needs="writes.twice writes.twice_facility", writes=True
)
def check(probe: Probe) -> None:
    number = probe.data.writes.twice
    body = probe.written(wish(number, probe.data.writes.twice_facility))
    came = probe.at_once(by_name("CreateListing"), [body, body])
    done = [one for one in came if one.done]
    probe.expect(done, f"Of two CreateListing at the same time none was done: {came[0].what}.")
    kinds = [
        codes_of(one, "listingType")
        for one in probe.listing(number, anew=True).all("listings")
        if text_of(one, "isInQueue") in FALSE
    ]
    probe.expect(
        all(kinds.count(one) == 1 for one in kinds),
        "The same CreateListing twice at the same time made two listings.",
    )
