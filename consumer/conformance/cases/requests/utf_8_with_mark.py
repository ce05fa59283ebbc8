"""UTF-8 with a byte order mark is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-05")
def check(probe: Probe) -> None:
    understood(
        probe, "in UTF-8 that begins with a byte order mark", lambda plain: b"\xef\xbb\xbf" + plain.body
    )
