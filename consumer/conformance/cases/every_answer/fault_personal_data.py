"""A Fault holds no personal data.

Faults end up in logs that are not kept for patients' data. A log id in its place leads support to the call.
"""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults, numbers_in
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 section 3.1; TKB GetCareManagers", rows="RT-13", last=True)
def check(probe: Probe) -> None:
    for seen in faults(probe):
        if seen.fault is None:
            continue
        said = f"{seen.fault.string} {seen.fault.detail}"
        if any(
            number in re.sub(r"(?<=\d)[-+ ](?=\d)", "", said) for number in numbers_in(seen.exchange.request)
        ):
            probe.show(seen)
            probe.expect(
                False, "A Fault repeats the person number of the request in its faultstring or detail."
            )
