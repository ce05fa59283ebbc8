"""Rows of CreateListing: consent, age, yearly re-listings, what follows in the queues, and repeats."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from contracts.clock import a_year_before
from contracts.codes import PV, ResultCode
from register.model import Allotment, ListingType, Resident, UnitListingType
from tests.contract.listing_cases.case import AGE, CONSENT, FULL_UP, INFO, TOO_MANY, Case
from tests.contract.listing_cases.world import (
    ALPHA,
    BETA,
    CHILD,
    DORA,
    EIGHTEEN_TODAY,
    EIGHTEEN_TOMORROW,
    FATHER,
    HELD,
    MOTHER,
    NURSERY,
    PACKED,
    PLAIN,
    QUEUED,
    SEVENTEEN_OR_EIGHTEEN,
    at,
    changes,
    guardian,
    has_doctor,
    queues,
    wish,
)
from tests.records import (
    ANNA,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    NOW,
    OTHER_COUNTY,
    REGION_TYPE,
    TODAY,
    listing,
    note,
)

SECOND = timedelta(seconds=1)
REQUIRED = {"guardian_consent": "required"}
BY_MOTHER = {"actor_type": "GUARDIAN", "actor_id": MOTHER}

CONSENTS = (
    Case(
        id="consent-presumed",
        situation="Consent is presumed; none of the child's guardians has given it to the register.",
        asked=wish(ALPHA, CHILD),
        holds=(guardian(MOTHER), guardian(FATHER)),
        effect="listed at Alpha",
    ),
    Case(
        id="consent-no-guardian",
        situation="Consent is required, and the register knows no guardian of the child.",
        asked=wish(ALPHA, CHILD, **BY_MOTHER),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-one-missing",
        situation="Consent is required, and one of two guardians has not given it.",
        asked=wish(ALPHA, CHILD),
        holds=(guardian(MOTHER, consents=True), guardian(FATHER)),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-both",
        situation="Consent is required, and both guardians have given it.",
        asked=wish(ALPHA, CHILD),
        holds=(guardian(MOTHER, consents=True), guardian(FATHER, consents=True)),
        region=REQUIRED,
        effect="listed at Alpha",
    ),
    Case(
        id="consent-by-asking",
        situation="Consent is required; one guardian asks, and the other has given it.",
        asked=wish(ALPHA, CHILD, **BY_MOTHER),
        holds=(guardian(MOTHER), guardian(FATHER, consents=True)),
        region=REQUIRED,
        effect="listed at Alpha",
    ),
    Case(
        id="consent-by-asking-not-enough",
        situation="Consent is required; one guardian asks, and the other has not given it.",
        asked=wish(ALPHA, CHILD, **BY_MOTHER),
        holds=(guardian(MOTHER), guardian(FATHER)),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-adult",
        situation="Consent is required; the resident is 18 today.",
        asked=wish(ALPHA, EIGHTEEN_TODAY),
        region=REQUIRED,
        effect="listed at Alpha",
    ),
    Case(
        id="consent-not-adult-yet",
        situation="Consent is required; the resident is 18 tomorrow.",
        asked=wish(ALPHA, EIGHTEEN_TOMORROW),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-queue",
        situation="Consent is required and missing; the child is to join a queue.",
        asked=wish(QUEUED, CHILD, add_to_queue=True),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-age-unknown",
        situation="Consent is required; the number leaves it open whether the resident is 18 (day 60), and "
        "the register knows no guardian.",
        asked=wish(ALPHA, SEVENTEEN_OR_EIGHTEEN),
        region=REQUIRED,
        code=ResultCode.ERROR,
        text="age_unknown",
    ),
    Case(
        id="consent-age-unknown-guardian",
        situation="As before, and a guardian that the register knows has not given it.",
        asked=wish(ALPHA, SEVENTEEN_OR_EIGHTEEN),
        holds=(guardian(MOTHER, child=SEVENTEEN_OR_EIGHTEEN),),
        region=REQUIRED,
        code=CONSENT,
        text="guardian_consent_needed",
    ),
    Case(
        id="consent-age-unknown-given",
        situation="As before, and the guardian has given it.",
        asked=wish(ALPHA, SEVENTEEN_OR_EIGHTEEN),
        holds=(guardian(MOTHER, consents=True, child=SEVENTEEN_OR_EIGHTEEN),),
        region=REQUIRED,
        effect="listed at Alpha",
    ),
)

_AGE = 9
"""The child's age."""

AGES = tuple(
    Case(
        id=f"age-{name.replace(' ', '-')}-{kind[0].lower()}",
        situation=f"The resident is {name} the region has set for the type ({kind[0]}).",
        asked=wish(facility, CHILD, kind=kind),
        holds=(ListingType(COUNTY, *kind, "Typ", min_age=least, max_age=most),),
        code=AGE if refused else Case.code,
        text="age_limit" if refused else None,
        effect=Case.effect if refused else effect,
    )
    for kind, facility, effect in (
        (REGION_TYPE, NURSERY, "listed at Nursery (BVC)"),
        ((PV.code, PV.system), ALPHA, "listed at Alpha"),
    )
    for name, least, most, refused in (
        ("younger than the least age", _AGE + 1, None, True),
        ("of the least age", _AGE, None, False),
        ("of the greatest age", None, _AGE, False),
        ("older than the greatest age", None, _AGE - 1, True),
    )
)

AGES_UNKNOWN = tuple(
    Case(
        id=f"age-unknown-{name}",
        situation=f"The number tells that the resident is 17 or 18 (day 60), and the type is for {who}.",
        asked=wish(ALPHA, SEVENTEEN_OR_EIGHTEEN),
        holds=(ListingType(COUNTY, PV.code, PV.system, "Typ", min_age=least, max_age=most),),
        code=code,
        text=text,
        effect=effect,
    )
    for name, who, least, most, code, text, effect in (
        ("within", "those of 17 and 18", 17, 18, Case.code, None, "listed at Alpha"),
        ("least", "those of 18 and more", 18, None, ResultCode.ERROR, "age_unknown", Case.effect),
        ("greatest", "those under 18", None, 17, ResultCode.ERROR, "age_unknown", Case.effect),
        ("too-young", "those of 19 and more", 19, None, AGE, "age_limit", Case.effect),
        ("too-old", "those of 16 and less", None, 16, AGE, "age_limit", Case.effect),
    )
)

YEAR = (
    Case(
        id="year-used-up",
        situation="The resident has used up the re-listings of twelve months.",
        asked=wish(BETA),
        holds=(at(ALPHA), *changes(3)),
        code=TOO_MANY,
        text="maximum_annual_updates_exceeded",
    ),
    Case(
        id="year-one-left",
        situation="One re-listing is left.",
        asked=wish(BETA),
        holds=(at(ALPHA), *changes(2)),
        effect="listed at Beta, counted; no longer listed at Alpha",
    ),
    Case(
        id="year-none-allowed",
        situation="The region allows no re-listing at all.",
        asked=wish(BETA),
        holds=(at(ALPHA),),
        region={"max_changes_per_year": 0},
        code=TOO_MANY,
        text="maximum_annual_updates_exceeded",
    ),
    *(
        Case(
            id=f"year-{name}",
            situation=f"Two re-listings were lately, and one {situation}.",
            asked=wish(BETA),
            holds=(
                *changes(2),
                listing("then", ANNA, ALPHA, valid_from=began, counts_as_change=True),
            ),
            code=TOO_MANY if counts else Case.code,
            text="maximum_annual_updates_exceeded" if counts else None,
            effect=Case.effect if counts else "listed at Beta, counted; no longer listed at Alpha",
        )
        for name, situation, began, counts in (
            ("exactly-ago", "exactly a year ago", a_year_before(NOW), False),
            ("less-ago", "a year less one second ago", a_year_before(NOW) + SECOND, True),
        )
    ),
    Case(
        id="year-other-type",
        situation="The re-listings were of another type.",
        asked=wish(BETA),
        holds=(at(ALPHA), *changes(3, kind=REGION_TYPE)),
        effect="listed at Beta, counted; no longer listed at Alpha",
    ),
    Case(
        id="year-first-listing",
        situation="The re-listings are used up, but the resident is listed nowhere now.",
        asked=wish(BETA),
        holds=changes(3),
        effect="listed at Beta",
    ),
    Case(
        id="year-doctor",
        situation="The re-listings are used up; the resident chooses a doctor at the own facility.",
        asked=wish(ALPHA, doctor=DORA.hsa_id),
        holds=(at(ALPHA), *changes(3)),
        effect="doctor Dora",
    ),
    Case(
        id="year-leave-queue",
        situation="The re-listings are used up; the resident leaves a queue.",
        asked=wish(QUEUED),
        holds=(at(ALPHA), queues(QUEUED, ANNA), *changes(3)),
        effect="out of the queue of Queued",
    ),
    Case(
        id="year-join-queue",
        situation="The re-listings are used up; the resident joins a queue.",
        asked=wish(QUEUED, add_to_queue=True),
        holds=(at(ALPHA), *changes(3)),
        effect="in the queue of Queued",
    ),
    Case(
        id="coming-home",
        situation="The resident is listed in another county.",
        asked=wish(ALPHA),
        holds=(note("away", ANNA),),
        effect="listed at Alpha, counted; no longer noted in 01; tells 01 that it is 14",
    ),
    Case(
        id="coming-home-used-up",
        situation="The resident is listed in another county, and the re-listings are used up.",
        asked=wish(ALPHA),
        holds=(note("away", ANNA), *changes(3)),
        code=TOO_MANY,
        text="maximum_annual_updates_exceeded",
    ),
    Case(
        id="year-of-other-county",
        situation="The re-listings of a resident of another county are for the home region to count.",
        asked=wish(BETA, FINN, home=OTHER_COUNTY, new=COUNTY),
        holds=(at(ALPHA, FINN), *changes(3, FINN)),
        text="home_region_asked",
        effect="Finn: place held at Beta; Finn: tells 01 that it is 14",
    ),
)

_LEAVES = "listed at Beta, counted; no longer listed at "
_TWO_QUEUE = (at(HELD), queues(HELD, DAN, 9), queues(HELD, EVA, 8))
_BUSY = replace(HELD, allotment=Allotment.AUTOMATIC)
_FOR_BVC: dict[str, Any] = {"code": REGION_TYPE[0], "code_system": REGION_TYPE[1]}
_BOTH_TYPES = tuple(UnitListingType(HELD.hsa_id, *one) for one in (PV.key, REGION_TYPE))
_FOR_OLDER = ListingType(COUNTY, *PV.key, "Typ", min_age=40)

QUEUES = (
    Case(
        id="freed-automatic",
        situation="The resident leaves a full facility; two queue there, and places are given at once.",
        asked=wish(BETA),
        holds=(_BUSY, *_TWO_QUEUE),
        effect=f"{_LEAVES}Held; Dan: listed at Held; Dan: out of the queue of Held",
    ),
    Case(
        id="freed-counts",
        situation="As before, and the first in the queue is listed elsewhere and has a place there to leave.",
        asked=wish(BETA),
        holds=(_BUSY, *_TWO_QUEUE, at(ALPHA, DAN)),
        effect=f"{_LEAVES}Held; Dan: listed at Held, counted; Dan: no longer listed at Alpha; "
        "Dan: out of the queue of Held",
    ),
    Case(
        id="freed-staff",
        situation="The resident leaves a full facility; two queue there, and staff give places.",
        asked=wish(BETA),
        holds=_TWO_QUEUE,
        effect=f"{_LEAVES}Held",
    ),
    Case(
        id="kept-for-queue",
        situation="A place is free where staff give places, and somebody queues for it.",
        asked=wish(HELD),
        holds=(queues(HELD, DAN),),
        code=FULL_UP,
        text="maximum_citizen_reached",
    ),
    Case(
        id="kept-for-queue-join",
        situation="As before; addToQueue is true.",
        asked=wish(HELD, add_to_queue=True),
        holds=(queues(HELD, DAN),),
        effect="in the queue of Held",
    ),
    Case(
        id="queue-comes-first",
        situation="A place is free where places are given at once, and somebody queues for it.",
        asked=wish(HELD, add_to_queue=True),
        holds=(_BUSY, queues(HELD, DAN)),
        effect="in the queue of Held; Dan: listed at Held; Dan: out of the queue of Held",
    ),
    Case(
        id="regional-type-takes-no-place",
        situation="The facility has one place; one is listed and one queues there, both for a regional type.",
        asked=wish(HELD),
        holds=(*_BOTH_TYPES, at(HELD, DAN, **_FOR_BVC), queues(HELD, EVA, **_FOR_BVC)),
        effect="listed at Held",
    ),
    Case(
        id="regional-type-at-full-facility",
        situation="The facility is full of those listed for primary care; a regional type is asked for.",
        asked=wish(HELD, kind=REGION_TYPE),
        holds=(*_BOTH_TYPES, at(HELD, DAN)),
        effect="listed at Held (BVC)",
    ),
    Case(
        id="passed-over-age",
        situation="The resident leaves a full facility; the first in the queue is too young for the type.",
        asked=wish(BETA),
        holds=(_BUSY, at(HELD), queues(HELD, EVA, 9), queues(HELD, DAN, 8), _FOR_OLDER),
        effect=f"{_LEAVES}Held; Dan: listed at Held; Dan: out of the queue of Held",
    ),
    Case(
        id="passed-over-age-unknown",
        situation="The resident leaves a full facility; the number of the first in the queue does not tell "
        "whether she is of the age.",
        asked=wish(BETA),
        holds=(
            _BUSY,
            at(HELD),
            queues(HELD, SEVENTEEN_OR_EIGHTEEN, 9),
            queues(HELD, DAN, 8),
            replace(_FOR_OLDER, min_age=18),
        ),
        effect=f"{_LEAVES}Held; Dan: listed at Held; Dan: out of the queue of Held",
    ),
    Case(
        id="passed-over-listed-there",
        situation="As before, but the first in the queue is listed there already.",
        asked=wish(BETA),
        holds=(
            replace(_BUSY, max_listings=2),
            at(HELD),
            at(HELD, DAN),
            queues(HELD, DAN, 9),
            queues(HELD, EVA, 8),
        ),
        effect=f"{_LEAVES}Held; Dan: out of the queue of Held; Eva: listed at Held; "
        "Eva: out of the queue of Held",
    ),
    Case(
        id="passed-over-type",
        situation="As before, but the first in the queue waits for a type that is no longer offered.",
        asked=wish(BETA),
        holds=(_BUSY, at(HELD), queues(HELD, DAN, 9, **_FOR_BVC), queues(HELD, EVA, 8)),
        effect=f"{_LEAVES}Held; Eva: listed at Held; Eva: out of the queue of Held",
    ),
    Case(
        id="passed-over-year",
        situation="The resident leaves a full facility; the first in the queue has no re-listings left.",
        asked=wish(BETA),
        holds=(_BUSY, *_TWO_QUEUE, at(ALPHA, DAN), *changes(3, DAN)),
        effect=f"{_LEAVES}Held; Eva: listed at Held; Eva: out of the queue of Held",
    ),
    Case(
        id="passed-over-protected",
        situation="As before, but the first in the queue has protected identity.",
        asked=wish(BETA),
        holds=(_BUSY, *_TWO_QUEUE, Resident(DAN, COUNTY, protected=True)),
        effect=f"{_LEAVES}Held; Eva: listed at Held; Eva: out of the queue of Held",
    ),
    Case(
        id="passed-over-deceased",
        situation="As before, but the first in the queue has died.",
        asked=wish(BETA),
        holds=(_BUSY, *_TWO_QUEUE, Resident(DAN, COUNTY, deceased_on=TODAY)),
        effect=f"{_LEAVES}Held; Eva: listed at Held; Eva: out of the queue of Held",
    ),
    Case(
        id="freed-cascade",
        situation="The first in the queue leaves a full facility in turn, where somebody queues.",
        asked=wish(BETA),
        holds=(
            replace(PACKED, offers_queue=True),
            _BUSY,
            at(HELD),
            queues(HELD, CLARA),
            queues(PACKED, DAN),
        ),
        effect=f"{_LEAVES}Held; Clara: listed at Held, counted; Clara: no longer listed at Packed; "
        "Clara: out of the queue of Held; Dan: listed at Packed; Dan: out of the queue of Packed",
    ),
    Case(
        id="freed-back-to-the-resident",
        situation="The first in the queue leaves a full facility in turn, where the resident queues.",
        asked=wish(BETA),
        holds=(
            replace(PACKED, offers_queue=True),
            _BUSY,
            at(HELD),
            queues(HELD, CLARA),
            queues(PACKED, ANNA),
        ),
        effect="listed at Packed, counted; no longer listed at Held; out of the queue of Packed; "
        "Clara: listed at Held, counted; Clara: no longer listed at Packed; Clara: out of the queue of Held",
    ),
    Case(
        id="freed-other-county",
        situation="The first in the queue is another county's.",
        asked=wish(BETA),
        holds=(_BUSY, at(HELD), queues(HELD, FINN, 9), queues(HELD, EVA, 8)),
        effect=f"{_LEAVES}Held; Finn: place held at Held; Finn: tells 01 that it is 14",
    ),
    Case(
        id="allotted-place-given-up",
        situation="The home region is being asked about a place from the queue; the resident leaves it.",
        asked=wish(HELD, FINN, home=OTHER_COUNTY, new=COUNTY),
        holds=(_BUSY, at(HELD), queues(HELD, FINN, 9), queues(HELD, EVA, 8)),
        earlier=(wish(BETA),),
        effect="Finn: out of the queue of Held; Finn: no place held at Held; "
        "Finn: does not tell 01 that it is 14; Eva: listed at Held; Eva: out of the queue of Held",
    ),
)

_DOCTOR_GONE = (at(ALPHA), has_doctor())

REPEATS = (
    Case(
        id="repeated-within",
        situation="The request has come before, an hour ago, and was answered with INFO.",
        asked=wish(BETA),
        holds=_DOCTOR_GONE,
        earlier=(wish(BETA),),
        after=timedelta(minutes=60),
        code=INFO,
        text="doctor_ended",
    ),
    Case(
        id="repeated-after",
        situation="The request has come before, more than an hour ago, and was answered with INFO.",
        asked=wish(BETA),
        holds=_DOCTOR_GONE,
        earlier=(wish(BETA),),
        after=timedelta(minutes=60, seconds=1),
    ),
    Case(
        id="left-queue-repeated",
        situation="The request to leave a queue has come before, an hour ago.",
        asked=wish(QUEUED),
        holds=(queues(QUEUED, ANNA),),
        earlier=(wish(QUEUED),),
        after=timedelta(minutes=60),
    ),
    Case(
        id="left-queue-repeated-after",
        situation="The request to leave a queue has come before, more than an hour ago.",
        asked=wish(QUEUED),
        holds=(queues(QUEUED, ANNA),),
        earlier=(wish(QUEUED),),
        after=timedelta(minutes=60, seconds=1),
        code=FULL_UP,
        text="maximum_citizen_reached",
    ),
    Case(
        id="another-in-between",
        situation="The request has come before, and another one of the resident's since.",
        asked=wish(BETA),
        holds=(at(PLAIN),),
        earlier=(wish(BETA), wish(ALPHA)),
        effect="listed at Beta, counted; no longer listed at Alpha",
    ),
    Case(
        id="refused-before",
        situation="The request has come before and was refused; the reason has gone since.",
        asked=wish(HELD),
        holds=(at(HELD, DAN),),
        earlier=(wish(HELD), wish(BETA, DAN)),
        effect="listed at Held",
    ),
    Case(
        id="changed-while-waiting",
        situation="The home region is being asked about the last place; now the resident wants a doctor too.",
        asked=wish(ALPHA, FINN, doctor=DORA.hsa_id, home=OTHER_COUNTY, new=COUNTY),
        holds=(replace(ALPHA, max_listings=1),),
        earlier=(wish(ALPHA, FINN, home=OTHER_COUNTY, new=COUNTY),),
        text="home_region_asked",
        effect="Finn: place held at Alpha with doctor Dora; Finn: no place held at Alpha",
    ),
    Case(
        id="repeated-other-county",
        situation="The request has come before, and the home region is being asked.",
        asked=wish(ALPHA, FINN, home=OTHER_COUNTY, new=COUNTY),
        earlier=(wish(ALPHA, FINN, home=OTHER_COUNTY, new=COUNTY),),
        text="home_region_asked",
    ),
)
