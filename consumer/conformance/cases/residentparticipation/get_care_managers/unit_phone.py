"""The care unit of a contact has its public telephone number."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule("GetCareManagers", "S003-069, S003-084", rows="S003-069 S003-084", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        systems = [
            text_of(telecom, "system/code")
            for unit in ("managingCareUnit", "careProvidingCareUnit")
            for telecom in found(one, f"{unit}/contact/telecom")
        ]
        if (
            text_of(one, "code/code") in ("1", "2")
            and found(one, "managingCareUnit")
            and "phone" not in systems
        ):
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers {text_of(one, 'managingCareUnit/name')} without a telephone "
                "number.",
            )
