"""A call to an address that the producer does not answer for is refused."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetCareManagers


@rule(
    "GetCareManagers",
    "RIV-TA BP 2.1 rule 8; TKB GetCareManagers, addressing",
    rows="RT-17",
    needs="care_managers.unserved_address care_managers.several",
)
def check(probe: Probe) -> None:
    seen = probe.ask(
        GetCareManagers(person(probe.data.care_managers.several)), probe.data.care_managers.unserved_address
    )
    probe.expect(
        not seen.all("careManager"),
        "GetCareManagers answers contacts at an address that the producer does not answer for.",
    )
