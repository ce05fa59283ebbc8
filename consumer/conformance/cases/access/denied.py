"""A consumer that may not call gets HTTP 403.

The platform is to make VP016 of it. The data file names such a consumer in access.denied_consumer.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 28", rows="RT-32 CL-90", needs="access.denied_consumer")
def check(probe: Probe) -> None:
    plain = probe.plain()
    seen = probe.raw(
        plain.contract,
        plain.body,
        {"x-rivta-original-serviceconsumer-hsaid": probe.data.access.denied_consumer},
    )
    probe.expect(
        seen.exchange.status == 403,
        f"A consumer that may not call got HTTP {seen.exchange.status}; it must be 403.",
    )
