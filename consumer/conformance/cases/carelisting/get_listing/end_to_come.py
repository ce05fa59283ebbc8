"""A listing that will end has its date, validToDate, and no listing has one that has been."""

from consumer.conformance.case import rule
from consumer.conformance.looking import moment
from consumer.conformance.probe import Probe
from contracts.clock import swedish_now


@rule("GetListing", "TKB carelisting 2.1, GetListing; suite 5.2", rows="CL-71", needs="persons.with_end")
def check(probe: Probe) -> None:
    ends = probe.listing(probe.data.persons.with_end).texts("listings/validToDate")
    probe.expect(ends, "GetListing answers no validToDate for a listing that will end.")
    for one in ends:
        when = moment(one)
        probe.expect(
            when is None or when.date() >= swedish_now().date(),
            f"GetListing answers a listing that ended {one}; what has ended is not told.",
        )
