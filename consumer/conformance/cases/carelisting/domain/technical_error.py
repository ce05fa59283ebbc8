"""A technical error is a SOAP Fault, and no resultCode.

The data file says in technical_error how one is brought about: by a person, or by a header as the suites
have it.
"""

from consumer.conformance.case import ANY, NotApplicable, rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule(ANY, "SjD 3.1; suite 3.1", rows="CL-13")
def check(probe: Probe) -> None:
    wanted = probe.data.technical_error
    if not (wanted.person or wanted.header):
        raise NotApplicable("the data file has no technical_error.person or technical_error.header")
    name, _, value = wanted.header.partition(":")
    if wanted.person and probe.data.offers("GetListing"):
        seen = probe.ask(GetListing(citizen(wanted.person), person(wanted.person)))
    else:
        seen = probe.ask(probe.plain().message, headers={name.strip(): value.strip()} if name else {})
    probe.expect(seen.fault is not None, f"A technical error gives {seen.what}; it must be a SOAP Fault.")
