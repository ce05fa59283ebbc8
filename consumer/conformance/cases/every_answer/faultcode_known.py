"""faultcode is VersionMismatch, MustUnderstand, Client or Server, or of a namespace of one's own."""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import faults
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 section 3.1", rows="RT-12", last=True)
def check(probe: Probe) -> None:
    known = ("VersionMismatch", "MustUnderstand", "Client", "Server")
    for seen in faults(probe):
        if seen.fault is None:
            continue
        own = seen.fault.namespace not in (None, "http://schemas.xmlsoap.org/soap/envelope/")
        if seen.fault.code.partition(".")[0] not in known and not own:
            probe.show(seen)
            probe.expect(
                False,
                f"A Fault has faultcode {seen.fault.code or '(none)'}, which SOAP 1.1 does not know; there "
                f"are {', '.join(known)}.",
            )
