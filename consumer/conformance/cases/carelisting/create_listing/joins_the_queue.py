"""Full, with a queue, and addToQueue true: in the queue, OK."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import listed_at, wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, addToQueue; suite 2.2.1",
    rows="CL-27",
    needs="writes.queuer facilities.full_with_queue",
    writes=True,
)
def check(probe: Probe) -> None:
    number, facility = probe.data.writes.queuer, probe.data.facilities.full_with_queue
    seen = probe.ask(replace(wish(number, facility), add_to_queue=True))
    probe.expect(
        seen.done,
        f"CreateListing with addToQueue true at a full facility with a queue got {seen.what}; it must be OK.",
    )
    if seen.done:
        probe.expect(
            facility.upper() in listed_at(probe, number, queue=True),
            "After the resident was put in the queue GetListing shows no place there (isInQueue true).",
        )
