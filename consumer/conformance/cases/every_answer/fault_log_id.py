"""A Fault has a log id, another for each call, by which support finds it."""

import re

from consumer.conformance.case import ANY, Force, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe
from consumer.conformance.seen import Seen


@rule(ANY, "RIV-TA BP 2.1 section 3.1; TKB, log id", rows="RT-14", last=True, force=Force.SHOULD)
def check(probe: Probe) -> None:
    ids: dict[str, Seen] = {}
    for seen in faults(probe):
        said = "" if seen.fault is None else f"{seen.fault.string} {seen.fault.detail}"
        if not said.strip():
            continue
        found_ids = [one for one in re.findall(r"[0-9A-Za-z-]{8,}", said) if re.search(r"\d.*\d", one)]
        id = found_ids[-1] if found_ids else ""
        if not id or id in ids:
            probe.show(seen)
        probe.expect(
            id, "A Fault has no log id; put an id of the call, a UUID for example, in its faultstring."
        )
        probe.expect(
            not id or id not in ids,
            "Two calls got Faults with the same log id; each call must have one of its own.",
        )
        ids[id] = seen
