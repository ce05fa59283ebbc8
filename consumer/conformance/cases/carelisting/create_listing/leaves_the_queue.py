"""addToQueue false by somebody who is in the queue: leaves it, OK, and the listing stays."""

from dataclasses import replace

from consumer.conformance.case import Blocked, rule
from consumer.conformance.looking import listed_at, wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing, addToQueue",
    rows="CL-30",
    needs="writes.queuer facilities.full_with_queue",
    writes=True,
)
def check(probe: Probe) -> None:
    number, facility = probe.data.writes.queuer, probe.data.facilities.full_with_queue
    if not probe.ask(replace(wish(number, facility), add_to_queue=True)).done:
        raise Blocked("the resident in writes.queuer could not be put in the queue")
    seen = probe.ask(replace(wish(number, facility), add_to_queue=False))
    probe.expect(
        seen.done,
        f"CreateListing with addToQueue false by somebody in the queue got {seen.what}; it must be OK.",
    )
    probe.expect(
        not seen.done or facility.upper() not in listed_at(probe, number, queue=True),
        "After the resident left the queue GetListing still shows the place.",
    )
