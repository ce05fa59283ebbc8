"""Somebody who is neither of the county nor listed here: OK, and nothing changes."""

from consumer.conformance.case import Force, rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe


@rule(
    "UpdateListing",
    "no document says; the message is true and needs nothing",
    rows="CL-83",
    force=Force.SHOULD,
    needs="writes.passer_by writes.third_county persons.other_home_county",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    seen = probe.ask(notice(of.passer_by, of.third_county, probe.data.persons.other_home_county))
    probe.expect(
        seen.done,
        f"UpdateListing about somebody whom the region has nothing about got {seen.what}; OK is right.",
    )
