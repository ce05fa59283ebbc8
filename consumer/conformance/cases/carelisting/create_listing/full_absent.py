"""Full, and addToQueue left out: as false."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, addToQueue; suite 2.2.2",
    rows="CL-29",
    needs="writes.resident facilities.full_with_queue",
    writes=True,
)
def check(probe: Probe) -> None:
    message = wish(probe.data.writes.resident, probe.data.facilities.full_with_queue)
    said = [probe.ask(one).code for one in (replace(message, add_to_queue=False), message)]
    probe.expect(
        said[0] == said[1] and said[1].startswith("ERROR"),
        f"CreateListing at a full facility answers {said[0]} with addToQueue false and {said[1]} without; "
        "both must be ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT.",
    )
