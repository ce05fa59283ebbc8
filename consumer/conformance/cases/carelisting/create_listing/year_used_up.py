"""Who has used up the year's re-listings: ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED."""

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB result codes; suite 3.2.3",
    rows="CL-36",
    needs="writes.out_of_changes facilities.with_room",
    writes=True,
)
def check(probe: Probe) -> None:
    seen = probe.ask(wish(probe.data.writes.out_of_changes, probe.data.facilities.with_room))
    probe.expect(
        seen.code == "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED",
        f"CreateListing by somebody who has used up the year's re-listings got {seen.what}; it must be "
        "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED.",
    )
