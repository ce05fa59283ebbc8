"""A resident who chooses a facility is listed there: OK or INFO, and GetListing shows it."""

from consumer.conformance.case import rule
from consumer.conformance.looking import listed_at, wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "TKB CreateListing; suites 1.1 and 1.3.1",
    rows="CL-25 CL-02 S000-036 S003-010",
    needs="writes.resident writes.facility",
    writes=True,
)
def check(probe: Probe) -> None:
    number, facility = probe.data.writes.resident, probe.data.writes.facility
    seen = probe.ask(wish(number, facility))
    probe.expect(seen.done, f"CreateListing at a facility with room got {seen.what}; it must be OK or INFO.")
    if seen.done:
        probe.expect(
            facility.upper() in listed_at(probe, number),
            "After CreateListing was answered as done GetListing does not show the listing.",
        )
