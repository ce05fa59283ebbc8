"""A private caregiver gets the listing of its own patient, and an empty OK for somebody else's."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import hsa
from contracts.codes import ActorType
from contracts.messages import Actor


@rule(
    "GetListing",
    "IS flow 12",
    rows="CL-69",
    needs="caregiver.id caregiver.patient caregiver.not_patient",
)
def check(probe: Probe) -> None:
    asks = Actor(hsa(probe.data.caregiver.id), ActorType.PRIVATE_CAREGIVER)
    probe.expect(
        probe.listing(probe.data.caregiver.patient, asks).all("listings"),
        "GetListing answers a private caregiver nothing about its own patient.",
    )
    probe.expect(
        not probe.listing(probe.data.caregiver.not_patient, asks).all("listings"),
        "GetListing answers a private caregiver the listing of somebody who is listed elsewhere.",
    )
