"""The charset of the HTTP header goes before that of the XML declaration.

The platform passes on UTF-8 whose declaration says UTF-16.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import understood
from consumer.conformance.probe import Probe


@rule(ANY, "RFC 3023; SKLTP VP, ConvertRequestCharset", rows="RT-07")
def check(probe: Probe) -> None:
    understood(
        probe,
        "in UTF-8, as its Content-Type says, whose XML declaration says UTF-16",
        lambda plain: plain.body.replace(b"encoding='utf-8'", b"encoding='UTF-16'"),
    )
