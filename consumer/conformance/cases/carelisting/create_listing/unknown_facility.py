"""A facility that does not exist: ERROR and a text."""

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule("CreateListing", "suite 3.2.1", rows="CL-33", needs="writes.resident facilities.unknown", writes=True)
def check(probe: Probe) -> None:
    seen = probe.ask(wish(probe.data.writes.resident, probe.data.facilities.unknown))
    probe.expect(
        seen.code == "ERROR",
        f"CreateListing at a facility that does not exist got {seen.what}; it must be resultCode ERROR.",
    )
