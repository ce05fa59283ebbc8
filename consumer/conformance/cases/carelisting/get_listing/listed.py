"""Somebody who is listed gets the listing, with isInQueue false."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE


@rule(
    "GetListing",
    "TKB carelisting 2.1, GetListing; suite 5.5.2",
    rows="CL-63 S000-008 S003-109",
    needs="persons.listed",
)
def check(probe: Probe) -> None:
    seen = probe.listing(probe.data.persons.listed)
    queues = seen.texts("listings/isInQueue")
    probe.expect(
        any(one in FALSE for one in queues),
        "GetListing answers no active listing (isInQueue false) for somebody who is listed.",
    )
