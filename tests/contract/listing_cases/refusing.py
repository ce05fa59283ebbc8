"""Rows of CreateListing: the facility, the type, the doctor, the county, and who asks."""

from dataclasses import replace
from datetime import timedelta

from contracts.codes import ActorType
from contracts.identifiers import HsaId
from register.model import Resident, Unit, UnitListingType
from tests.contract.listing_cases.case import ERROR, INFO, OK, Case
from tests.contract.listing_cases.world import (
    ABROAD,
    AGREED_TYPE,
    ALPHA,
    BETA,
    CHILD,
    DORA,
    FATHER,
    MOTHER,
    NINA,
    NURSERY,
    OTHER_SYSTEM,
    PLAIN,
    QUEUED,
    THIRD_COUNTY,
    UNKNOWN,
    at,
    guardian,
    has_doctor,
    queues,
    wish,
)
from tests.records import (
    ANNA,
    BO,
    COUNTY,
    DAN,
    FINN,
    OTHER_COUNTY,
    OTHER_ID,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    contact,
    hsa,
    unit,
    works_at,
)

DAY = timedelta(days=1)
HERE = {"home": OTHER_COUNTY, "new": COUNTY}
"""What the request of a resident of the other county says."""


def not_found(id: str, situation: str, facility: Unit, *holds: Unit) -> Case:
    return Case(
        id=id,
        situation=situation,
        asked=wish(facility),
        holds=(at(ALPHA), *holds),
        code=ERROR,
        text="facility_not_found",
    )


FACILITY = (
    not_found("facility-unknown", "There is no such facility.", unit("nowhere")),
    not_found(
        "facility-closed",
        "The facility closed yesterday.",
        BETA,
        replace(BETA, valid_to=TODAY - DAY),
    ),
    not_found(
        "facility-not-open",
        "The facility opens tomorrow.",
        BETA,
        replace(BETA, valid_from=TODAY + DAY),
    ),
    not_found(
        "facility-not-listable",
        "Residents cannot be listed at the unit.",
        BETA,
        replace(BETA, listable=False),
    ),
    not_found("facility-elsewhere", "The facility is another county's.", ABROAD),
    Case(
        id="facility-last-day",
        situation="It is the facility's first and last day.",
        asked=wish(BETA),
        holds=(replace(BETA, valid_from=TODAY, valid_to=TODAY),),
        effect="listed at Beta",
    ),
    Case(
        id="facility-letter-case",
        situation="The HSA-id is in other letter case than the register's.",
        asked=wish(replace(ALPHA, hsa_id=HsaId(str(ALPHA.hsa_id).swapcase()))),
        effect="listed at Alpha",
    ),
)


def wrong_type(
    id: str, situation: str, kind: tuple[str, str], facility: Unit, *holds: UnitListingType
) -> Case:
    return Case(
        id=id,
        situation=situation,
        asked=wish(facility, kind=kind),
        holds=holds,
        code=ERROR,
        text="type_not_offered",
    )


RETIRED_TYPE = ("GAMMAL", REGION_TYPE[1])

TYPE = (
    wrong_type("type-not-there", "The facility does not offer the type.", REGION_TYPE, BETA),
    wrong_type("type-other-system", "The code is PV, of an unknown code system.", OTHER_SYSTEM, ALPHA),
    wrong_type(
        "type-not-of-region",
        "The facility offers the type, but the region does not have it.",
        RETIRED_TYPE,
        BETA,
        UnitListingType(BETA.hsa_id, *RETIRED_TYPE),
    ),
    Case(
        id="pv-not-there",
        situation="The facility offers other types only; PV is asked for.",
        asked=wish(NURSERY),
        code=ERROR,
        text="type_not_offered",
    ),
    Case(
        id="pv-goes-without-saying",
        situation="The facility names no types; PV is asked for.",
        asked=wish(PLAIN),
        effect="listed at Plain",
    ),
    Case(
        id="type-agreed",
        situation="A resident of another county asks for a type that the counties have agreed on.",
        asked=wish(NURSERY, FINN, kind=AGREED_TYPE, **HERE),
        text="home_region_asked",
        effect="Finn: place held at Nursery (KOMB); Finn: tells 01 that it is 14 (KOMB)",
    ),
    Case(
        id="type-not-agreed",
        situation="A resident of another county asks for a regional type.",
        asked=wish(NURSERY, FINN, kind=REGION_TYPE, **HERE),
        code=ERROR,
        text="type_not_offered",
    ),
)


def no_doctor(id: str, situation: str, text: str, *holds: object, **asked: object) -> Case:
    return Case(
        id=id,
        situation=situation,
        asked={"doctor": DORA.hsa_id} | wish(ALPHA) | asked,
        holds=holds,  # type: ignore[arg-type]
        code=ERROR,
        text=text,
    )


DOCTOR = (
    no_doctor(
        "doctor-not-offered",
        "The facility offers no choice of doctor.",
        "doctor_not_offered",
        works_at(DORA, PLAIN),
        facility=PLAIN.hsa_id,
    ),
    no_doctor(
        "doctor-not-of-pv",
        "The listing is not one of primary care.",
        "doctor_only_with_pv",
        facility=NURSERY.hsa_id,
        kind=REGION_TYPE,
        doctor=NINA.hsa_id,
    ),
    no_doctor(
        "doctor-not-of-pv-listed-there",
        "As before; the resident is listed there so, and has the doctor by a listing for primary care.",
        "doctor_only_with_pv",
        at(NURSERY, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
        at(ALPHA),
        has_doctor(),
        facility=NURSERY.hsa_id,
        kind=REGION_TYPE,
    ),
    Case(
        id="doctor-for-residents",
        situation="Only the county's own residents can choose a doctor; the resident is another county's.",
        asked=wish(ALPHA, FINN, doctor=DORA.hsa_id, **HERE),
        region={"personnel_for": "residents"},
        code=ERROR,
        text="doctor_for_residents",
    ),
    no_doctor(
        "doctor-unknown",
        "There is no such doctor at the facility.",
        "doctor_not_selectable",
        doctor=hsa("nobody"),
    ),
    no_doctor(
        "doctor-not-selectable",
        "Residents cannot choose the doctor.",
        "doctor_not_selectable",
        works_at(DORA, ALPHA, selectable_as_doctor=False),
    ),
    no_doctor(
        "doctor-paused",
        "The doctor takes no new patients.",
        "doctor_not_selectable",
        works_at(DORA, ALPHA, paused=True),
    ),
    no_doctor(
        "doctor-at-cap",
        "The doctor has as many patients as the cap allows; the resident is listed there already.",
        "doctor_not_selectable",
        works_at(DORA, ALPHA, max_patients=1),
        at(ALPHA),
        at(ALPHA, DAN),
        contact("dan", DAN, DORA, ALPHA),
    ),
)

COUNTIES = (
    Case(
        id="wrong-receiver",
        situation="newListingCounty is another than the LogicalAddress.",
        asked=wish(ALPHA, new=OTHER_COUNTY),
        code=ERROR,
        text="wrong_receiver",
    ),
    Case(
        id="home-county-given",
        situation="homeCounty is the LogicalAddress.",
        asked=wish(ALPHA, home=COUNTY),
        effect="listed at Alpha",
    ),
    Case(
        id="home-county-missing",
        situation="homeCounty is absent, and the register knows the resident as another county's.",
        asked=wish(ALPHA, FINN),
        code=ERROR,
        text="home_county_missing",
    ),
    Case(
        id="home-county-unknown",
        situation="homeCounty is absent, and the register does not know it either.",
        asked=wish(ALPHA),
        holds=(Resident(ANNA), at(BETA)),
        effect="listed at Alpha, counted; no longer listed at Beta; of county 14",
    ),
    Case(
        id="other-county",
        situation="The resident is another county's, and does not wait for the home region's answer.",
        asked=wish(ALPHA, FINN, **HERE),
        region={"home_region": "later"},
        text="home_region_asked",
        effect="Finn: place held at Alpha; Finn: tells 01 that it is 14",
    ),
    Case(
        id="other-county-listed-there",
        situation="A resident of another county who is listed there chooses a doctor.",
        asked=wish(ALPHA, FINN, doctor=DORA.hsa_id, **HERE),
        holds=(at(ALPHA, FINN),),
        effect="Finn: doctor Dora",
    ),
    Case(
        id="other-county-new-missing",
        situation="homeCounty is another county, and newListingCounty is absent.",
        asked=wish(ALPHA, FINN, home=OTHER_COUNTY),
        code=ERROR,
        text="new_county_missing",
    ),
    Case(
        id="other-county-queue",
        situation="A resident of another county joins a queue.",
        asked=wish(QUEUED, FINN, add_to_queue=True, **HERE),
        effect="Finn: in the queue of Queued",
    ),
    Case(
        id="other-county-gives-up",
        situation="The home region is being asked; the resident wants to stay where it is listed.",
        asked=wish(BETA, FINN, **HERE),
        holds=(at(BETA, FINN),),
        earlier=(wish(ALPHA, FINN, **HERE),),
        effect="Finn: no place held at Alpha; Finn: does not tell 01 that it is 14",
    ),
    Case(
        id="moved-here",
        situation="homeCounty is the LogicalAddress; the register has the resident as another county's.",
        asked=wish(ALPHA, FINN, home=COUNTY),
        effect="Finn: of county 14; Finn: listed at Alpha",
    ),
    Case(
        id="moved-away",
        situation="homeCounty is another county, but the register knows the resident as its own.",
        asked=wish(BETA, home=THIRD_COUNTY, new=COUNTY),
        holds=(at(ALPHA), has_doctor()),
        text="home_region_asked",
        effect="of county 03; place held at Beta; tells 03 that it is 14",
    ),
)

PERSONS = (
    Case(
        id="unknown",
        situation="The register does not know the resident, and homeCounty is the LogicalAddress.",
        asked=wish(ALPHA, UNKNOWN, home=COUNTY),
        code=ERROR,
        text="person_not_found",
    ),
    Case(
        id="unknown-no-county",
        situation="The register does not know the resident, and homeCounty is absent.",
        asked=wish(ALPHA, UNKNOWN),
        code=ERROR,
        text="person_not_found",
    ),
    Case(
        id="unknown-of-other-county",
        situation="The register does not know the resident, who is another county's.",
        asked=wish(ALPHA, UNKNOWN, **HERE),
        text="home_region_asked",
        effect="of county 01; place held at Alpha; tells 01 that it is 14",
    ),
    *(
        Case(
            id=f"{name}{'-of-other-county' if more else ''}",
            situation=f"The resident {situation}{', and homeCounty is another county' if more else ''}.",
            asked=wish(BETA, **more),
            holds=(replace(resident, other_ids=(OTHER_ID,)), at(ALPHA), has_doctor()),
            code=ERROR,
            text="person_not_found",
        )
        for name, situation, resident in (
            ("protected", "has protected identity", Resident(ANNA, COUNTY, protected=True)),
            ("deceased", "died today", Resident(ANNA, COUNTY, deceased_on=TODAY)),
        )
        for more in ({}, HERE)
    ),
    Case(
        id="dies-tomorrow",
        situation="The register has a day of death that has not come.",
        asked=wish(ALPHA),
        holds=(Resident(ANNA, COUNTY, deceased_on=TODAY + timedelta(days=1)),),
        effect="listed at Alpha",
    ),
    Case(
        id="samordningsnummer",
        situation="The resident has a samordningsnummer.",
        asked=wish(ALPHA, OTHER_ID),
        holds=(Resident(OTHER_ID, COUNTY),),
        effect="listed at Alpha",
    ),
)

_NEITHER = (
    ActorType.REGION,
    ActorType.PRIVATE_CAREGIVER,
    ActorType.SELF_OWNED_CAREGIVER,
    ActorType.HEALTHCARE_ADVISER,
)

ACTORS = (
    Case(
        id="citizen-for-another",
        situation="A CITIZEN asks for somebody else.",
        asked=wish(BETA, actor_id=BO),
        holds=(at(ALPHA),),
        code=ERROR,
        text="not_oneself",
    ),
    Case(
        id="citizen-linked-actor",
        situation="A CITIZEN asks for itself, and names itself by another identity of the same person.",
        asked=wish(ALPHA, actor_id=OTHER_ID),
        holds=(Resident(ANNA, COUNTY, other_ids=(OTHER_ID,)),),
        effect="listed at Alpha",
    ),
    Case(
        id="citizen-linked-person",
        situation="As before, the other way round.",
        asked=wish(BETA, OTHER_ID, actor_id=ANNA),
        holds=(Resident(ANNA, COUNTY, other_ids=(OTHER_ID,)), at(ALPHA), has_doctor()),
        code=INFO,
        text="doctor_ended",
        effect="listed at Beta, counted; no longer listed at Alpha; no longer doctor Dora",
    ),
    Case(
        id="guardian",
        situation="A GUARDIAN asks, and the register knows no guardians of the resident.",
        asked=wish(ALPHA, CHILD, actor_type="GUARDIAN", actor_id=MOTHER),
        effect="listed at Alpha",
    ),
    Case(
        id="guardian-known",
        situation="A GUARDIAN asks whom the register knows as one.",
        asked=wish(ALPHA, CHILD, actor_type="GUARDIAN", actor_id=MOTHER),
        holds=(guardian(MOTHER), guardian(FATHER)),
        effect="listed at Alpha",
    ),
    *(
        Case(
            id=f"not-guardian{name}",
            situation=f"A GUARDIAN asks who is not among those the register knows{situation}.",
            asked=wish(facility, CHILD, actor_type="GUARDIAN", actor_id=BO, **more),
            holds=(guardian(MOTHER), guardian(FATHER), at(ALPHA, CHILD), queues(QUEUED, CHILD)),
            code=ERROR,
            text="not_guardian",
        )
        for name, situation, facility, more in (
            ("", "", BETA, {}),
            ("-doctor", ", to choose a doctor", ALPHA, {"doctor": DORA.hsa_id}),
            ("-queue", ", to leave the queue", QUEUED, {}),
        )
    ),
    *(
        Case(
            id=f"{actor.lower().replace('_', '-')}{'-allowed' if allowed else ''}",
            situation=f"The actor is {actor}, {'and' if allowed else 'which'} the setting "
            f"{'lets it in' if allowed else 'does not allow by default'}.",
            asked=wish(ALPHA, actor_type=actor, actor_id=PROVIDER.hsa_id),
            region={"create_listing_actors": [actor]} if allowed else {},
            code=OK if allowed else ERROR,
            text=None if allowed else "actor_not_allowed",
            effect="listed at Alpha" if allowed else "nothing",
        )
        for actor in _NEITHER
        for allowed in (False, True)
    ),
)
