"""A local reserve number is never answered with contacts: it means something in one system alone."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from contracts.messages import II, GetCareManagers


@rule("GetCareManagers", "identifier rules", rows="GC-34", needs="care_managers.local_reserve_number")
def check(probe: Probe) -> None:
    seen = probe.ask(GetCareManagers(II("1.2.752.74.9.2", probe.data.care_managers.local_reserve_number)))
    probe.expect(not seen.all("careManager"), "GetCareManagers answers contacts for a local reserve number.")
