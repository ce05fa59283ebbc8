"""A place in a queue is told with isInQueue true."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import TRUE


@rule("GetListing", "TKB carelisting 2.1, GetListing; suite 5.5.1", rows="CL-64", needs="persons.in_queue")
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.in_queue)
    probe.expect(
        any(one in TRUE for one in seen.texts("listings/isInQueue")),
        "GetListing answers no place in a queue (isInQueue true) for somebody who queues.",
    )
