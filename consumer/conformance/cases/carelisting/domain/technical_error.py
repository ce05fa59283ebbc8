"""A technical error is a SOAP Fault, and no resultCode.

The data file says in technical_error how one is brought about: by a person, or by a header as the suites
have it.
"""

from consumer.conformance.case import ANY, NotApplicable, Untold, rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetCareManagers, GetListing


@rule(ANY, "SjD 3.1; suite 3.1", rows="CL-13")
def check(probe: Probe) -> None:
    wanted = probe.data.technical_error
    if not (wanted.person or wanted.header):
        raise Untold("technical_error.person or technical_error.header")
    if "none" in (wanted.person, wanted.header):
        raise NotApplicable("the data file says that none can be brought about")
    number = wanted.person
    name, _, value = wanted.header.partition(":")
    if number and probe.data.offers("GetListing"):
        seen = probe.ask(GetListing(citizen(number), person(number)))
    elif number and probe.data.offers("GetCareManagers"):
        seen = probe.ask(GetCareManagers(person(number)))
    elif name:
        seen = probe.ask(probe.plain().message, headers={name.strip(): value.strip()})
    else:
        raise NotApplicable("no contract about a person is offered, and technical_error.header is not given")
    probe.expect(seen.fault is not None, f"A technical error gives {seen.what}; it must be a SOAP Fault.")
