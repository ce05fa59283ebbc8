"""Nobody's listing is OK with an empty list: nothing found is no error."""

from consumer.conformance.case import rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import citizen, person
from contracts.messages import GetListing


@rule("GetListing", "IS flow 12; TKB carelisting 2.1, GetListing", rows="CL-14", needs="persons.not_listed")
def check(probe: Probe) -> None:
    number = probe.data.persons.not_listed
    seen = probe.ask(GetListing(citizen(number), person(number)))
    probe.expect(
        seen.done,
        f"GetListing for somebody who is listed nowhere got {seen.what}; it must be OK with nothing in it.",
    )
    probe.expect(not seen.all("listings"), "GetListing answers a listing for somebody who is listed nowhere.")
