"""The care unit of a contact tells its e-services, as url; a consumer may fetch them elsewhere."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe
from consumer.conformance.seen import found, text_of


@rule(
    "GetCareManagers",
    "S003-068, S003-083",
    rows="S003-068 S003-083",
    force=Force.MAY,
    needs="care_managers.doctor",
)
def check(probe: Probe) -> None:
    for one in probe.care_managers(probe.data.care_managers.doctor).all("careManager"):
        systems = [
            text_of(telecom, "system/code") for telecom in found(one, "managingCareUnit/contact/telecom")
        ]
        probe.expect(
            "url" in systems or not found(one, "managingCareUnit"),
            "GetCareManagers answers no e-service (url) of the care unit; 1177 may have them from elsewhere.",
        )
