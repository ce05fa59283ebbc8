"""The header's patient is under the root of its kind of number, and never under that of a local one."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from consumer.conformance.writing import person


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, section 6.1; identifier rules",
    rows="GC-34 GC-15",
    last=True,
)
def check(probe: Probe) -> None:
    path = "careManager/careManagerHeader/accessControlHeader/patientId"
    for seen, one in parts(probe, "GetCareManagers", path):
        wanted = person(text_of(one, "extension")).root
        if text_of(one, "root") != wanted:
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers a patient with root {text_of(one, 'root') or '(none)'}; for such "
                f"a number it is {wanted}.",
            )
