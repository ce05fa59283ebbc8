"""Broken in what all of carelisting has in common."""

from collections.abc import Iterator

from lxml import etree

from tests.conformance.broken import Mutation, a_fault, a_result, asks, edited, into
from tests.conformance.edits import added, both, each, gone, resays, says, text_at
from tests.conformance.in_process import demo_data
from tests.conformance.mutations.common import (
    EVERY,
    HOME,
    QUEUER,
    P,
    W,
    alter_exchange,
    listing,
    mutation,
    swapped,
)


def domain() -> Iterator[Mutation]:
    listed = asks("GetListing", f">{P.listed[2:]}<")
    yield mutation(
        "ERROR_AGE_LIMIT of a Get contract",
        f"{EVERY}result_code",
        a_result(QUEUER, "ERROR_AGE_LIMIT", "Utanför åldern."),
    )
    yield mutation("ERROR without a text", f"{EVERY}error_text", a_result(listed, "ERROR"))
    yield mutation("INFO without a text", f"{EVERY}info_text", edited(QUEUER, says("resultCode", "INFO")))
    yield mutation(
        "a text of the machine",
        f"{EVERY}text_for_people",
        a_result(listed, "ERROR", "java.lang.NullPointerException at se.region.Listing.get(Listing.java)"),
    )
    yield mutation(
        "times with a zone",
        f"{EVERY}times",
        edited(asks("GetListing"), resays("listings/validFromDate", lambda text: f"{text}+02:00")),
    )
    yield mutation(
        "times with parts of seconds",
        f"{EVERY}times",
        edited(asks("GetListing"), resays("listings/validFromDate", lambda text: f"{text}.000")),
    )
    yield mutation(
        "a wait below nothing",
        f"{EVERY}whole_numbers",
        edited(QUEUER, says("listings/estimatedWaitInQueue", "-1")),
    )
    yield mutation("position 0", f"{EVERY}whole_numbers", edited(QUEUER, says("listings/queuePosition", "0")))
    yield mutation(
        "another name of PV",
        f"{EVERY}national_type",
        edited(QUEUER, says("listings/listingType/displayName", "Vårdval")),
    )
    yield mutation(
        "PV of another code system",
        f"{EVERY}national_type",
        edited(QUEUER, says("listings/listingType/codeSystem", "1.2.3")),
    )
    yield mutation(
        "another code of the national code system",
        f"{EVERY}national_type",
        edited(
            QUEUER,
            both(says("listings/listingType/code", "BVC"), says("listings/listingType/displayName", "x")),
        ),
    )
    yield mutation(
        "types without a name",
        f"{EVERY}display_names",
        edited(asks("GetListingTypes"), gone("listingTypes/displayName")),
    )
    yield mutation(
        "slow",
        f"{EVERY}response_time",
        alter_exchange(lambda asked: asked.contract.name in ("GetListing", "GetListingTypes"), seconds=2.5),
    )
    yield mutation(
        "a facility without a name",
        f"{EVERY}facility_complete",
        edited(QUEUER, says("listings/healthcareFacility/name", "")),
    )
    yield mutation(
        "a doctor without a name",
        f"{EVERY}doctor_complete",
        edited(asks("GetAvailableHealthcarePersonnel"), says("healthcarePersonnel/name", "")),
    )
    doctor = f"<c:healthcarePersonnel><c:id>{W.doctor}</c:id><c:name>Åsa</c:name></c:healthcarePersonnel>"

    def to_own_type(one: etree._Element) -> None:
        if (
            text_at(one, "listingType/codeSystem") != "1.2.752.129.5.1.27"
            and one.find("{*}healthcarePersonnel") is None
        ):
            added("healthcareFacility", doctor)(one)

    yield mutation(
        "a doctor with another listing than primary care",
        f"{EVERY}doctor_with_primary_care_alone",
        edited(asks("GetListing", f">{P.two_types}<"), each("listings", to_own_type)),
    )
    yield mutation(
        "UpdateListing is not offered",
        "carelisting/domain/mandatory_contracts",
        producer={
            "contracts": tuple(one for one in demo_data().producer.contracts if one != "UpdateListing")
        },
    )
    yield mutation(
        "a technical error with 200 and ERROR",
        "carelisting/domain/technical_error",
        a_result(listing(demo_data().technical_error.person), "ERROR", "Tekniskt fel."),
    )
    yield mutation(
        "one call at a time",
        "carelisting/domain/calls_at_once",
        a_fault(lambda asked: "At-Once" in asked.headers, "Server"),
    )
    yield mutation(
        "mixes up calls at the same time",
        "carelisting/domain/calls_at_once",
        edited(lambda asked: "At-Once" in asked.headers, gone("listings")),
    )
    address = swapped(
        f">{demo_data().carelisting.unserved_county}</ns0:LogicalAddress>", f">{HOME}</ns0:LogicalAddress>"
    )
    yield mutation(
        "answers for every county",
        "carelisting/domain/other_address",
        into(asks("GetListing", f">{demo_data().carelisting.unserved_county}</"), address),
    )
    yield mutation("lets everybody call", "access/denied", access={"denied_consumer": "SE2321000016-DENIED"})
    yield mutation("no PingForConfiguration", "monitoring/ping", a_fault(asks("PingForConfiguration")))
