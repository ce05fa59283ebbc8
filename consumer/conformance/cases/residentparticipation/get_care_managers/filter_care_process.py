"""A care process that no contact belongs to gives an empty answer."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.messages import II


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, careProcessId",
    rows="GC-29",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.care_managers(probe.data.care_managers.several, process=II("1.2.3.4.5", "no-such-process"))
    probe.expect(
        not seen.all("careManager"),
        "GetCareManagers, asked for contacts of a care process that there is not, answers some; the "
        "filter is passed over.",
    )
