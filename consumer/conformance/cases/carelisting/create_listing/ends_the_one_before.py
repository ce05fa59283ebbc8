"""When a resident chooses another facility the listing before ends, and its doctor with it."""

from consumer.conformance.case import Blocked, rule
from consumer.conformance.looking import listed_at, wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "S001-008, S001-013; TKB CreateListing",
    rows="S001-008 S001-013 CL-25",
    needs="writes.repeater writes.repeater_facility",
    writes=True,
)
def check(probe: Probe) -> None:
    number = probe.data.writes.repeater
    before = listed_at(probe, number)
    if not probe.ask(wish(number, probe.data.writes.repeater_facility)).done:
        raise Blocked("the resident in writes.repeater could not be listed")
    after = listed_at(probe, number)
    still = (before & after) - {probe.data.writes.repeater_facility.upper()}
    probe.expect(
        not still,
        "After a resident chose another facility GetListing still shows the listing at "
        f"{', '.join(sorted(still))}.",
    )
