"""The care unit of a contact has its visiting address, with street and town."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule(
    "GetCareManagers",
    "S003-066, S003-067, S003-081, S003-082",
    rows="S003-066 S003-067 S003-081 S003-082",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager"):
        if text_of(one, "code/code") not in ("1", "2") or not found(one, "managingCareUnit"):
            continue
        visiting = [
            address
            for address in found(one, "managingCareUnit/contact/address")
            if text_of(address, "type/code") in ("physical", "both", "")
        ]
        if not any(text_of(address, "line") and text_of(address, "city") for address in visiting):
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers {text_of(one, 'managingCareUnit/name')} without a visiting "
                "address with street (line) and town (city).",
            )
