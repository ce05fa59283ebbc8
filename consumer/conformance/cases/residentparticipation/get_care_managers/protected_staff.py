"""Staff with protected identity are not told, unless the producer has decided so."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "HSA, protected persons; the producer is responsible",
    rows="GC-33",
    force=Force.SHOULD,
    needs="care_managers.protected_staff",
)
def check(probe: Probe) -> None:
    probe.expect(
        not probe.care_managers(probe.data.care_managers.protected_staff).all("careManager"),
        "GetCareManagers answers a contact who has protected identity.",
    )
