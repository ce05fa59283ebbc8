"""Broken in GetListing."""

from collections.abc import Iterator

from tests.conformance.broken import Mutation, a_fault, a_result, as_if, asks, edited, into
from tests.conformance.edits import added, doubled, gone, resays, says, text_at
from tests.conformance.in_process import Asked, demo_data
from tests.conformance.mutations.common import (
    COUNTY,
    LISTING,
    QUEUER,
    P,
    W,
    listing,
    mutation,
    of,
    plain,
    swapped,
)


def get_listing() -> Iterator[Mutation]:
    yield mutation("no person numbers", f"{LISTING}person_number {LISTING}actors", a_fault(listing(P.listed)))
    yield mutation(
        "no co-ordination numbers", f"{LISTING}coordination_number", a_fault(listing(P.coordination_number))
    )
    yield mutation(
        "ERROR for a co-ordination number",
        f"{LISTING}coordination_number",
        a_result(listing(P.coordination_number), "ERROR", "Bara personnummer."),
    )
    yield mutation(
        "a listing told as a queue place",
        f"{LISTING}listed {COUNTY}agrees_with_get_listing",
        edited(listing(P.listed), says("listings/isInQueue", "true")),
    )
    yield mutation(
        "a listing told twice", f"{LISTING}one_active_listing_of_a_type", edited(QUEUER, doubled("listings"))
    )
    yield mutation(
        "no places in queues",
        f"{LISTING}queue_place",
        edited(QUEUER, gone("listings", lambda one: text_at(one, "isInQueue") == "true")),
    )
    yield mutation(
        "a queue place told as a listing",
        f"{LISTING}queue_place {LISTING}one_active_listing_of_a_type "
        f"{LISTING}position_with_a_queue_place_alone",
        edited(QUEUER, says("listings/isInQueue", "false")),
    )
    yield mutation(
        "a position with a listing",
        f"{LISTING}position_with_a_queue_place_alone",
        edited(
            listing(P.without_doctor), added("listings/isInQueue", "<e:queuePosition>1</e:queuePosition>")
        ),
    )
    yield mutation(
        "no doctors", f"{LISTING}doctor", edited(asks("GetListing"), gone("listings/healthcarePersonnel"))
    )
    doctor = f"<c:healthcarePersonnel><c:id>{W.doctor}</c:id><c:name>Åsa</c:name></c:healthcarePersonnel>"
    yield mutation(
        "a doctor too many",
        f"{LISTING}no_doctor",
        edited(listing(P.without_doctor), added("listings/healthcareFacility", doctor)),
    )
    yield mutation(
        "ERROR for nobody's listing",
        f"{LISTING}not_listed",
        a_result(listing(P.not_listed), "ERROR", "Ingen listning."),
    )
    yield mutation(
        "somebody else's listing",
        f"{LISTING}not_listed {COUNTY}agrees_with_get_listing",
        as_if(listing(P.not_listed), of(P.listed)),
    )
    unknown = lambda asked: listing(P.unknown)(asked) or listing(P.protected)(asked)  # noqa: E731
    yield mutation(
        "ERROR for an unknown person", f"{LISTING}unknown", a_result(unknown, "ERROR", "Personen finns inte.")
    )
    yield mutation(
        "ERROR for protected identity",
        f"{LISTING}protected",
        a_result(listing(P.protected), "ERROR", "Personen kan inte visas."),
    )
    yield mutation(
        "shows protected identity", f"{LISTING}protected", as_if(listing(P.protected), of(P.listed))
    )
    yield mutation("shows the dead", f"{LISTING}deceased", as_if(listing(P.deceased), of(P.listed)))
    yield mutation("shows what has ended", f"{LISTING}ended", as_if(listing(P.ended), of(P.listed)))
    yield mutation(
        "no dates of ends", f"{LISTING}end_to_come", edited(asks("GetListing"), gone("listings/validToDate"))
    )
    yield mutation(
        "an end that has been",
        f"{LISTING}not_ended",
        edited(asks("GetListing"), says("listings/validToDate", "2020-01-01T00:00:00")),
    )
    yield mutation(
        "shows what has not begun",
        f"{LISTING}begun",
        edited(QUEUER, says("listings/validFromDate", "2041-01-01T00:00:00")),
    )
    yield mutation(
        "no dates of beginnings",
        f"{LISTING}begins",
        edited(asks("GetListing"), gone("listings/validFromDate")),
    )
    yield mutation(
        "primary care alone",
        f"{LISTING}own_type",
        edited(
            asks("GetListing", f">{P.two_types}<"),
            gone("listings", lambda one: text_at(one, "listingType/code") != "PV"),
        ),
    )
    yield mutation(
        "seven re-listings left",
        f"{LISTING}remaining_changes",
        edited(asks("GetListing"), says("listings/remainingChanges", "7")),
    )
    yield mutation(
        "counts another region's re-listings",
        f"{LISTING}remaining_changes_at_home_alone",
        edited(
            listing(P.of_other_county),
            added("listings/isInQueue", "<e:remainingChanges>2</e:remainingChanges>"),
        ),
    )
    yield mutation(
        "its own residents alone",
        f"{LISTING}of_other_county",
        edited(listing(P.of_other_county), gone("listings")),
    )
    yield mutation(
        "shows the listing in another county",
        f"{LISTING}listed_elsewhere {COUNTY}agrees_with_get_listing",
        as_if(listing(P.listed_elsewhere), of(P.listed)),
    )
    yield mutation(
        "nothing for guardians",
        f"{LISTING}guardian",
        edited(asks("GetListing", f">{P.child}<", "GUARDIAN"), gone("listings")),
    )
    yield mutation(
        "refuses an actor",
        f"{LISTING}actors",
        a_result(asks("GetListing", "HEALTHCARE_ADVISER"), "ERROR", "Aktören är inte tillåten."),
    )
    caregiver = asks("GetListing", "PRIVATE_CAREGIVER", f">{demo_data().caregiver.not_patient}<")

    def by_citizen(asked: Asked) -> Asked:
        return plain(asked)

    yield mutation("shows a caregiver everybody", f"{LISTING}private_caregiver", as_if(caregiver, by_citizen))
    yield mutation(
        "shows a caregiver nobody",
        f"{LISTING}private_caregiver",
        edited(asks("GetListing", "PRIVATE_CAREGIVER"), gone("listings")),
    )
    yield mutation(
        "guesses the century",
        f"{LISTING}ten_digits",
        into(asks("GetListing", f">{P.listed[2:]}<"), swapped(f">{P.listed[2:]}<", f">{P.listed}<")),
    )
    yield mutation(
        "HSA-ids in small letters here and there",
        f"{LISTING}spelling_of_the_source",
        edited(QUEUER, resays("listings/healthcareFacility/id", str.lower)),
    )
    yield mutation(
        "another name of the facility here and there",
        f"{LISTING}other_facts_of_the_facility",
        edited(listing(P.listed), says("listings/healthcareFacility/name", "Kliniken")),
    )
