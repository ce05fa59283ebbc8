"""A resident of another county is not listed without homeCounty."""

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, homeCounty",
    rows="CL-35",
    needs="writes.passer_by facilities.with_room",
    writes=True,
)
def check(probe: Probe) -> None:
    seen = probe.ask(wish(probe.data.writes.passer_by, probe.data.facilities.with_room))
    probe.expect(
        seen.refused,
        f"CreateListing by a resident of another county, without homeCounty, got {seen.what}; homeCounty "
        "is mandatory then, so ERROR with a text.",
    )
