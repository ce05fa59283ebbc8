"""A person without home county is not answered as done: the two go together."""

from consumer.conformance.case import Force, rule
from consumer.conformance.probe import Probe
from consumer.conformance.writing import person
from contracts.messages import GetListingTypes


@rule("GetListingTypes", "TKB GetListingTypes", rows="CL-79", force=Force.SHOULD, needs="persons.listed")
def check(probe: Probe) -> None:
    seen = probe.ask(GetListingTypes(person(probe.data.persons.listed)))
    probe.expect(
        seen.refused,
        f"GetListingTypes for a person without home county got {seen.what}; which types apply cannot be "
        "told, so ERROR with a text is right.",
    )
