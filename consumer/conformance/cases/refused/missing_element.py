"""A request without a mandatory element is not answered as done."""

from consumer.conformance.case import ANY, NotApplicable, rule
from consumer.conformance.forms import not_done
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 7; TKB result codes; C16", rows="RT-34")
def check(probe: Probe) -> None:
    not_done(probe, "without anything in its request element", hollow)


def hollow(plain: Plain) -> bytes:
    """Return a request with an empty request element, or where that is allowed with one that is not."""
    if plain.contract.name == "GetAvailableHealthcareFacilities":
        raise NotApplicable("the plainest request has no mandatory element")
    name = plain.contract.name.encode()
    start = plain.body.index(b">", plain.body.index(b"<ns0:" + name)) + 1
    return plain.body[:start] + plain.body[plain.body.index(b"</ns0:" + name + b">") :]
