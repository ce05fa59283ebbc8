"""Elements of another namespace at the end of a request are passed over.

A later minor version adds such elements, and a producer of today's version must not stumble over them.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA TS 2.1, minor versions", rows="RT-20")
def check(probe: Probe) -> None:
    understood(
        probe,
        "with an element of a later minor version at its end",
        lambda plain: plain.body.replace(
            f"</ns0:{plain.contract.name}>".encode(),
            f'<x:later xmlns:x="urn:x:2.9">x</x:later></ns0:{plain.contract.name}>'.encode(),
        ),
    )
