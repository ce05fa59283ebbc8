"""A known type of contact has the name of the code list."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of
from contracts.codes import fixed_contact_type


@rule("GetCareManagers", "Kv typ av fast kontakt", rows="GC-07", last=True)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/code"):
        known, name = fixed_contact_type(text_of(one, "code")), text_of(one, "displayName")
        if known is not None and name.lower() != known.display.lower():
            probe.show(seen)
            probe.expect(
                False,
                f"GetCareManagers calls code {known.code} {name or '(nothing)'}; its name is "
                f"{known.display}.",
            )
