"""A leading blank in a filter's code system means nothing: the contract description prints it so."""

from consumer.conformance.case import NotApplicable, rule
from consumer.conformance.probe import Probe
from contracts import oids
from contracts.messages import CV


@rule(
    "GetCareManagers",
    "contradiction C22, OIDs with a leading blank",
    rows="GC-27",
    needs="care_managers.several",
)
def check(probe: Probe) -> None:
    number = probe.data.care_managers.several
    code = probe.care_managers(number).text("careManager/code/code")
    if not code:
        raise NotApplicable("the patient in care_managers.several has no contacts")
    kinds = probe.care_managers(number, CV(code, f" {oids.FIXED_CONTACT_TYPE}")).texts(
        "careManager/code/code"
    )
    probe.expect(
        kinds,
        f"GetCareManagers, asked for type {code} with a blank before its code system, answers none; trim "
        "what comes in.",
    )
