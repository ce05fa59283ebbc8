"""The header's patient is the one who was asked for, by that number or by another of the same person."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, accessControlHeader", rows="GC-15")
def check(probe: Probe) -> None:
    for number, one in probe.contacts():
        told = text_of(one, "careManagerHeader/accessControlHeader/patientId/extension")
        if told == number:
            continue
        practitioner = text_of(one, "practitioner/hsaId/extension")
        same = probe.care_managers(told).texts("careManager/practitioner/hsaId/extension") if told else []
        probe.expect(
            practitioner in same,
            "GetCareManagers answers a contact whose header names another patient than was asked for.",
        )
