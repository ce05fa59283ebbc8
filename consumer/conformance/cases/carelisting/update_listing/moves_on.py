"""Not the home region, the resident listed here: it is delisted, whatever homeCounty is."""

from consumer.conformance.case import rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, text_of


@rule(
    "UpdateListing",
    "TKB UpdateListing; SjD TK 1.4; suite 1.4",
    rows="CL-82 CL-83",
    needs="writes.settled writes.third_county persons.other_home_county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    seen = probe.ask(notice(of.settled, of.third_county, probe.data.persons.other_home_county))
    probe.expect(
        seen.done,
        f"UpdateListing about a resident of another county got {seen.what}; homeCounty other than the "
        "LogicalAddress must be accepted.",
    )
    active = [
        one
        for one in probe.listing(of.settled, anew=True).all("listings")
        if text_of(one, "isInQueue") in FALSE
    ]
    probe.expect(
        not seen.done or not active,
        "After UpdateListing that the resident is listed in a third county GetListing still shows the "
        "listing here.",
    )
