"""UTF-16 with a byte order mark is understood."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-06")
def check(probe: Probe) -> None:
    understood(
        probe, "in UTF-16 with a byte order mark", utf_16, {"Content-Type": "text/xml; charset=UTF-16"}
    )


def utf_16(plain: Plain) -> bytes:
    """Return a request in UTF-16."""
    return plain.body.decode("utf-8").replace("encoding='utf-8'", "encoding='UTF-16'").encode("utf-16")
