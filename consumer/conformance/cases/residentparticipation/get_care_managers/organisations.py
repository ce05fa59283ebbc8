"""Care provider and care units are named by HSA-ids."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids


@rule("GetCareManagers", "TKB GetCareManagers 1.0 RC2, OrganizationType", rows="GC-13 S003-004", last=True)
def check(probe: Probe) -> None:
    for name in ("managingCareGiver", "managingCareUnit", "careProvidingCareUnit"):
        for _, seen in answers(probe, "GetCareManagers"):
            for one in seen.all(f"careManager/{name}/hsaId"):
                if text_of(one, "root") != oids.HSA_ID or not text_of(one, "extension"):
                    probe.show(seen)
                    probe.expect(
                        False,
                        f"GetCareManagers answers {name} with root {text_of(one, 'root') or '(none)'}; it "
                        f"must be an HSA-id, root {oids.HSA_ID}.",
                    )
