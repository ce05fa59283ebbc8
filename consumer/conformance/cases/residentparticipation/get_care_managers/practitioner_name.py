"""A practitioner has a name: a fixed contact is a named person."""

from consumer.conformance.case import rule
from consumer.conformance.looking import parts
from consumer.conformance.probe import Probe
from consumer.conformance.seen import text_of


@rule(
    "GetCareManagers",
    "S003-023, S003-056, S003-071",
    rows="S003-023 S003-043 S003-048 S003-056 S003-071 S000-039 S001-002",
    last=True,
)
def check(probe: Probe) -> None:
    for seen, one in parts(probe, "GetCareManagers", "careManager/practitioner"):
        if not text_of(one, "name"):
            probe.show(seen)
            probe.expect(
                False,
                "GetCareManagers answers a practitioner without a name; a fixed contact is a named person.",
            )
