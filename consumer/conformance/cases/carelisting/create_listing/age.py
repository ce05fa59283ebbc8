"""Outside the age of the type: ERROR_AGE_LIMIT."""

from dataclasses import replace

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from consumer.conformance.writing import kind


@rule(
    "CreateListing",
    "TKB result codes; suite 3.2.6",
    rows="CL-38",
    needs="writes.age_resident writes.age_facility writes.age_type",
    writes=True,
)
def check(probe: Probe) -> None:
    of = probe.data.writes
    seen = probe.ask(replace(wish(of.age_resident, of.age_facility), listing_type=kind(of.age_type)))
    probe.expect(
        seen.code == "ERROR_AGE_LIMIT",
        f"CreateListing by somebody who is not of the age for the type got {seen.what}; it must be "
        "ERROR_AGE_LIMIT.",
    )
