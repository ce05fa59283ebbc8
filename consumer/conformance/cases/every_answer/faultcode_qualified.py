"""faultcode is a qualified name, such as soap:Client.

The official mocks send Client alone, which SOAP does not allow.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 section 3.1; SOAP 1.1 section 4.4.1; C28", rows="RT-12", last=True)
def check(probe: Probe) -> None:
    for seen in faults(probe):
        if seen.fault is not None and seen.fault.code and seen.fault.namespace is None:
            probe.show(seen)
            probe.expect(
                False,
                f"A Fault has faultcode {seen.fault.code}, which is not qualified; write "
                f"soap:{seen.fault.code} with the prefix of the envelope.",
            )
