"""A full facility with a queue tells its length and wait."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule(
    "GetAvailableHealthcareFacilities",
    "TKB 2.1, queueLength and estimatedWaitInQueue; suite 5.4 and 5.5",
    rows="CL-53",
    force=Force.MAY,
    needs="facilities.full_with_queue",
)
def check(probe: Probe) -> None:
    seen = probe.facilities(probe.data.facilities.full_with_queue)
    for name in ("queueLength", "estimatedWaitInQueue"):
        probe.expect(
            seen.all(f"healthcareFacilities/{name}"),
            f"A full facility with a queue does not tell {name}; it may be left out.",
        )
