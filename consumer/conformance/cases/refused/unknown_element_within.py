"""A request with an element that its schema does not know is not answered as done."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.forms import not_done
from consumer.conformance.probe import Probe
from consumer.conformance.session import Plain


@rule(ANY, "RIV-TA BP 2.1 rule 7; TKB result codes; C16", rows="RT-34")
def check(probe: Probe) -> None:
    not_done(probe, "with an element of its own namespace that the schema does not know", intruder)


def intruder(plain: Plain) -> bytes:
    """Return a request that ends with an element its schema does not know."""
    end = f"</ns0:{plain.contract.name}>"
    return plain.body.replace(end.encode(), f"<ns0:unknown>x</ns0:unknown>{end}".encode())
