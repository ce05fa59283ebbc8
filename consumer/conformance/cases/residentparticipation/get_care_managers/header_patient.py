"""The header's patient is the one who was asked for."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, accessControlHeader", rows="GC-15")
def check(probe: Probe) -> None:
    for number, one in probe.contacts():
        told = text_of(one, "careManagerHeader/accessControlHeader/patientId/extension")
        probe.expect(
            told == number or not number.isdecimal(),
            "GetCareManagers answers a contact whose header names another patient than was asked for.",
        )
