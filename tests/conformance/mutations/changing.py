"""Broken in what changes data."""

from collections.abc import Iterator

from tests.conformance.broken import Mutation, When, a_fault, a_result, anything, asks, edited, from_time
from tests.conformance.edits import both, doubled, gone, says, text_at
from tests.conformance.mutations.common import CREATE, UPDATE, F, P, W, listing, mutation


def changing() -> Iterator[Mutation]:
    """Producers that are broken in what changes their data."""

    def create(number: str, *texts: str, no: str = "") -> When:
        return asks("CreateListing", f">{number}<", *texts, without=no)

    def update(number: str, *texts: str, no: str = "") -> When:
        return asks("UpdateListing", f">{number}<", *texts, without=no)

    lies = "OK"
    wrong = "Det gick inte."
    yield mutation(
        "says it is listed",
        f"{CREATE}lists",
        a_result(create(W.resident, W.facility, "HSAId", no="newListingCounty"), lies),
    )
    yield mutation(
        "cannot list",
        f"{CREATE}lists",
        a_result(create(W.resident, W.facility, "HSAId", no="newListingCounty"), "ERROR", wrong),
    )
    old = both(doubled("listings", says("healthcareFacility/id", "SE2321000131-DEMOVC01")))
    yield mutation(
        "keeps the listing before", f"{CREATE}ends_the_one_before", edited(listing(W.repeater), old)
    )
    yield mutation(
        "ERROR for the same again",
        f"{CREATE}same_again",
        from_time(3, create(W.repeater), a_result(anything, "ERROR", wrong)),
    )
    counted = from_time(4, listing(W.repeater), edited(anything, says("listings/remainingChanges", "0")))
    yield mutation("counts the same again", f"{CREATE}same_again", counted)
    yield mutation(
        "two listings at once", f"{CREATE}same_at_once", edited(listing(W.twice), doubled("listings"))
    )
    yield mutation(
        "forgets the doctor",
        f"{CREATE}doctor",
        edited(listing(W.doctor_resident), gone("listings/healthcarePersonnel")),
    )
    yield mutation(
        "counts the choice of a doctor",
        f"{CREATE}doctor",
        from_time(2, listing(W.doctor_resident), edited(anything, says("listings/remainingChanges", "0"))),
    )
    in_queue = gone("listings", lambda one: text_at(one, "isInQueue") == "true")
    yield mutation("forgets the queue", f"{CREATE}joins_the_queue", edited(listing(W.queuer), in_queue))
    yield mutation(
        "nobody leaves a queue",
        f"{CREATE}leaves_the_queue",
        a_result(create(W.queuer, "addToQueue>false<"), "ERROR", wrong),
    )
    yield mutation(
        "says that somebody left the queue",
        f"{CREATE}leaves_the_queue",
        a_result(create(W.queuer, "addToQueue>false<"), lies),
    )
    yield mutation(
        "plain ERROR where it is full",
        f"{CREATE}full",
        a_result(create(W.resident, F.full_without_queue), "ERROR", wrong),
    )
    yield mutation(
        "left out is as true",
        f"{CREATE}full_absent",
        a_result(create(W.resident, F.full_with_queue, no="addToQueue"), lies),
    )
    yield mutation(
        "does not take homeCounty",
        f"{CREATE}home_county_given",
        a_result(create(W.given_county), "ERROR", wrong),
    )
    yield mutation(
        "its own residents alone may list",
        f"{CREATE}resident_of_another_county",
        a_result(create(W.newcomer), "ERROR", wrong),
    )
    yield mutation(
        "lists others' residents as its own",
        f"{CREATE}home_county_missing",
        a_result(create(W.passer_by), lies),
    )
    yield mutation(
        "lists at a facility that is none",
        f"{CREATE}unknown_facility",
        a_result(create(W.resident, F.unknown, "CITIZEN"), lies),
    )
    yield mutation(
        "takes what is for another",
        f"{CREATE}wrong_receiver",
        a_result(create(W.resident, "newListingCounty"), lies),
    )
    yield mutation(
        "plain ERROR for the year",
        f"{CREATE}year_used_up",
        a_result(create(W.out_of_changes), "ERROR", wrong),
    )
    yield mutation(
        "plain ERROR for consent", f"{CREATE}guardian_consent", a_result(create(W.minor), "ERROR", wrong)
    )
    yield mutation(
        "plain ERROR for the age", f"{CREATE}age", a_result(create(W.age_resident, "BHV"), "ERROR", wrong)
    )
    yield mutation(
        "done, whatever the schema says",
        f"{CREATE}schema",
        a_result(lambda asked: b"healthcareFacility>" in asked.body, lies),
    )
    yield mutation(
        "tells of protected identity",
        f"{CREATE}protected",
        a_result(create(P.protected), "ERROR", "Personen har skyddad identitet."),
    )
    yield mutation(
        "a Fault for another actor",
        f"{CREATE}other_actors",
        a_fault(asks("CreateListing", "HEALTHCARE_ADVISER")),
    )
    yield mutation(
        "says that it has heard",
        f"{UPDATE}leaves",
        a_result(update(W.leaver, "homeCounty", no="listingType>"), lies),
    )
    again = update(W.leaver, "homeCounty", no="NOTHING")
    yield mutation(
        "ERROR for the same message again",
        f"{UPDATE}same_again",
        from_time(3, again, a_result(anything, "ERROR", wrong)),
    )
    yield mutation("keeps the note", f"{UPDATE}comes_home", a_result(update(W.homecomer), lies))
    yield mutation("keeps who moves on", f"{UPDATE}moves_on", a_result(update(W.settled), lies))
    yield mutation(
        "homeCounty must be the address", f"{UPDATE}moves_on", a_result(update(W.settled), "ERROR", wrong)
    )
    yield mutation(
        "ERROR for who is not here", f"{UPDATE}not_listed_here", a_result(update(W.passer_by), "ERROR", wrong)
    )
    yield mutation("takes any type", f"{UPDATE}unknown_type", a_result(update(W.leaver, "NOTHING"), lies))
    yield mutation(
        "a Fault for a missing element",
        f"{UPDATE}missing_element",
        a_fault(asks("UpdateListing", without="homeCounty")),
    )
    yield mutation(
        "a code of CreateListing",
        f"{UPDATE}result_codes {UPDATE}not_listed_here",
        a_result(update(W.passer_by), "ERROR_AGE_LIMIT", wrong),
    )
