"""The source system is named by an HSA-id."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, careManagerHeader", rows="GC-16", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/careManagerHeader/sourceSystemId"):
        if text_of(one, "root") != oids.HSA_ID or not text_of(one, "extension"):
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers answers sourceSystemId with root {text_of(one, 'root') or '(none)'}; it "
                "must be an HSA-id.",
            )
