"""Broken in GetAvailableHealthcarePersonnel."""

from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, a_result, asks, edited, into
from tests.conformance.edits import gone, resays
from tests.conformance.mutations.common import STAFF, F, P, mutation, swapped


def personnel() -> Iterator[Mutation]:
    def staff(*texts: str, no: str = "listingTypes") -> When:
        return asks("GetAvailableHealthcarePersonnel", *texts, without=no)

    yield mutation(
        "GetAvailableHealthcarePersonnel: ERROR",
        f"{STAFF}person_number",
        a_result(staff(P.listed, F.with_doctors), "ERROR", "Går inte nu."),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: no co-ordination numbers",
        f"{STAFF}coordination_number",
        a_fault(staff(P.coordination_number)),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: no filter",
        f"{STAFF}national_type",
        a_result(staff("listingTypes", no=""), "ERROR", "Okänd typ."),
    )
    yield mutation(
        "GetAvailableHealthcarePersonnel: letter case means something",
        f"{STAFF}letter_case",
        edited(staff(F.with_doctors.swapcase()), gone("healthcarePersonnel")),
    )
    yield mutation(
        "doctors where there is no choice",
        f"{STAFF}no_choice",
        into(staff(F.without_doctors), swapped(F.without_doctors, F.with_doctors)),
    )
    yield mutation(
        "another spelling of a doctor",
        f"{STAFF}works_there",
        edited(staff(no=""), resays("healthcarePersonnel/id", str.lower)),
    )
