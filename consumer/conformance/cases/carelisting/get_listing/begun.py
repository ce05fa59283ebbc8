"""An active listing has begun."""

from consumer.conformance.case import rule
from consumer.conformance.looking import moment, parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, text_of
from contracts.clock import swedish_now


@rule("GetListing", "TKB carelisting 2.1, GetListing; suite 5.1", rows="CL-70", last=True)
def check(probe: Probe) -> None:
    for seen, listing in parts(probe, "GetListing", "listings"):
        begins = moment(text_of(listing, "validFromDate"))
        if (
            begins is not None
            and begins.date() > swedish_now().date()
            and text_of(listing, "isInQueue") in FALSE
        ):
            probe.show(seen)
            probe.expect(False, f"GetListing answers a listing as active that begins {begins:%Y-%m-%d}.")
