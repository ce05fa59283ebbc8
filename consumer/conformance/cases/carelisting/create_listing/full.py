"""Full, and addToQueue false: ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, addToQueue; suite 3.2.4",
    rows="CL-28",
    needs="writes.resident facilities.full_without_queue",
    writes=True,
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        replace(
            wish(probe.data.writes.resident, probe.data.facilities.full_without_queue), add_to_queue=False
        )
    )
    probe.expect(
        seen.code == "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT",
        f"CreateListing at a full facility got {seen.what}; it must be "
        "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT.",
    )
