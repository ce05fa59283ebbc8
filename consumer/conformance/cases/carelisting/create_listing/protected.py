"""Somebody with protected identity gets the answer that an unknown person gets."""

import re

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe


@rule(
    "CreateListing",
    "IS, protected identity; S000-007",
    rows="CL-22 S000-007",
    needs="persons.protected persons.unknown writes.facility",
    writes=True,
)
def check(probe: Probe) -> None:
    hidden, nobody = (
        probe.ask(wish(one, probe.data.writes.facility))
        for one in (probe.data.persons.protected, probe.data.persons.unknown)
    )
    bare = [re.sub(r"[0-9a-f-]{20,}", "", one.result_text) for one in (hidden, nobody)]
    probe.expect(
        hidden.code == nobody.code and bare[0] == bare[1],
        f"CreateListing tells somebody with protected identity from somebody unknown: {hidden.what}, and "
        f"{nobody.what}.",
    )
