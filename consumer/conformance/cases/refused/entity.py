"""An entity that a document type declares is not resolved."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import refused
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 1 (WS-I BP 1.1)", rows="RT-08")
def check(probe: Probe) -> None:
    refused(probe, "whose LogicalAddress is an entity of a document type declaration", entity)


def entity(plain: Plain) -> bytes:
    """Return a request whose address is an entity."""
    address = plain.address.encode()
    declared = b'<!DOCTYPE x [<!ENTITY a "' + address + b'">]><soap-env:Envelope'
    body = plain.body.replace(b">" + address + b"</ns0:LogicalAddress>", b">&a;</ns0:LogicalAddress>")
    return body.replace(b"<soap-env:Envelope", declared, 1)
