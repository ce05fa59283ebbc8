"""A way of contact says what it is: system, a code of its list, beside the value."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts import oids
from contracts.codes import contact_point_systems


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, ContactPointSystemType; conflict 10",
    rows="GC-19 GC-20",
    last=True,
)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        for one in [] if seen.content is None else seen.content.iter("{*}telecom"):
            code, system = text_of(one, "system/code"), text_of(one, "system/codeSystem")
            if code not in contact_point_systems() or system != oids.CONTACT_POINT_SYSTEM:
                probe.show(seen)
            probe.expect(
                code in contact_point_systems(),
                f"GetCareManagers answers a telecom whose system is {code or 'missing'}; there are "
                f"{', '.join(sorted(contact_point_systems()))}.",
            )
            probe.expect(
                not code or system == oids.CONTACT_POINT_SYSTEM,
                f"GetCareManagers answers codeSystem {system or '(none)'} for a telecom's system; it is "
                f"{oids.CONTACT_POINT_SYSTEM}.",
            )
