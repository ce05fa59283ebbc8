"""An unknown listing type: ERROR and a text."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import notice
from consumer.conformance.probe import Probe
from consumer.conformance.writing import kind


@rule("UpdateListing", "suite 3.2.1", rows="CL-84", needs="writes.leaver writes.leaver_county", writes=True)
def check(probe: Probe) -> None:
    of = probe.data.writes
    message = replace(
        notice(of.leaver, of.leaver_county, probe.data.carelisting.county),
        listing_type=kind("NOTHING|1.2.3.4.5"),
    )
    seen = probe.ask(message)
    probe.expect(
        seen.code == "ERROR",
        f"UpdateListing with an unknown listing type got {seen.what}; it must be resultCode ERROR.",
    )
