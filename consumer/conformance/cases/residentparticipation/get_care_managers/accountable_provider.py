"""The header's accountable provider is named by an HSA-id: by it consumers block and give access."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, accessControlHeader",
    rows="GC-14 S003-004 S003-037 S003-045 S002-007",
    last=True,
)
def check(probe: Probe) -> None:
    path = "careManager/careManagerHeader/accessControlHeader/accountableHealthcareProviderId"
    for seen, one in parts(probe, "GetCareManagers", path):
        if text_of(one, "root") != oids.HSA_ID or not text_of(one, "extension"):
            probe.show(seen)
            probe.expect(
                False,
                "GetCareManagers answers accountableHealthcareProviderId with root "
                f"{text_of(one, 'root') or '(none)'}; it must be an HSA-id.",
            )
