"""A practitioner is named by an HSA-id."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, practitioner; schema",
    rows="GC-08 S003-072 S000-026",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/practitioner/hsaId"):
        right = text_of(one, "root") == oids.HSA_ID and text_of(one, "extension")
        if not right:
            probe.show(seen)
        probe.expect(
            right,
            f"GetCareManagers answers a practitioner with root {text_of(one, 'root') or '(none)'}; it must "
            f"be an HSA-id, root {oids.HSA_ID}.",
        )
