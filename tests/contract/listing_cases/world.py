"""The region of the decision table: facilities, doctors and residents that every row finds.

Anna is the resident that a row speaks of as the resident. She lives in the county and is not listed.
"""

from datetime import timedelta
from typing import Any

from contracts.codes import PV
from register.model import (
    Allotment,
    FixedContact,
    Guardianship,
    Listing,
    ListingType,
    QueuePlace,
    Record,
    Resident,
    Unit,
    UnitListingType,
)
from tests.contract.listing_cases.case import Asked
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    NOW,
    OTHER_COUNTY,
    OTHER_ID,
    PROVIDER,
    REGION_TYPE,
    contact,
    doctor,
    listing,
    place,
    residents,
    unit,
    works_at,
)

THIRD_COUNTY = "03"
CHILD, MOTHER, FATHER = "201702022383", "199406062381", "198703122385"
EIGHTEEN_TODAY, EIGHTEEN_TOMORROW = "200803102383", "200803112382"
SEVENTEEN_OR_EIGHTEEN = "200803602382"
"""A samordningsnummer that does not tell the day of birth."""
UNKNOWN = "199701092398"

NAMES = {
    ANNA: "",
    BO: "Bo",
    CLARA: "Clara",
    DAN: "Dan",
    EVA: "Eva",
    FINN: "Finn",
    OTHER_ID: "",
    CHILD: "",
    EIGHTEEN_TODAY: "",
    EIGHTEEN_TOMORROW: "",
    SEVENTEEN_OR_EIGHTEEN: "",
    UNKNOWN: "",
}
"""What the effects call a person; the one the row is about needs no name."""

PV_TYPE = (PV.code, PV.system)
AGREED_TYPE = ("KOMB", "1.2.752.113.11.0.2.1.9")
"""A type that the county has agreed on with the other county."""
OTHER_SYSTEM = (PV.code, "1.2.752.113.11.0.2.1.8")
"""The code of PV in a code system nobody knows."""

ALPHA = unit("alpha", offers_choice_of_personnel=True)
BETA = unit("beta", offers_choice_of_personnel=True)
PLAIN = unit("plain")
QUEUED = unit("queued", max_listings=1, offers_queue=True, offers_choice_of_personnel=True)
PACKED = unit("packed", max_listings=1)
HELD = unit("held", max_listings=1, offers_queue=True, allotment=Allotment.STAFF)
NURSERY = unit("nursery", offers_choice_of_personnel=True)
ABROAD = unit("abroad", county=OTHER_COUNTY)

DORA, DISA, BEDA, QUINN, NINA = (doctor(name) for name in ("dora", "disa", "beda", "quinn", "nina"))

BASE: tuple[Record, ...] = (
    PROVIDER,
    *(ALPHA, BETA, PLAIN, QUEUED, PACKED, HELD, NURSERY, ABROAD),
    *(DORA, DISA, BEDA, QUINN, NINA),
    works_at(DORA, ALPHA),
    works_at(DISA, ALPHA),
    works_at(BEDA, BETA),
    works_at(QUINN, QUEUED),
    works_at(NINA, NURSERY),
    ListingType(COUNTY, *REGION_TYPE, "Barnavårdscentral"),
    ListingType(COUNTY, *AGREED_TYPE, "Samverkan", agreed_counties=(OTHER_COUNTY,)),
    UnitListingType(NURSERY.hsa_id, *REGION_TYPE),
    UnitListingType(NURSERY.hsa_id, *AGREED_TYPE),
    *residents(ANNA, BO, CLARA, DAN, EVA, CHILD, EIGHTEEN_TODAY, EIGHTEEN_TOMORROW, SEVENTEEN_OR_EIGHTEEN),
    Resident(FINN, OTHER_COUNTY),
    listing("bo", BO, QUEUED),
    listing("clara", CLARA, PACKED),
)
"""Bo has the only place at Queued and Clara the one at Packed; Held has room. Finn is of another county."""

DAY = timedelta(days=1)


def wish(facility: Unit, resident: str = ANNA, **more: Any) -> Asked:
    """Return a CreateListing; the resident asks for itself, for PV."""
    return {"resident": resident, "facility": facility.hsa_id, **more}


def told(new: str, home: str, resident: str = ANNA, **more: Any) -> Asked:
    """Return an UpdateListing; about PV, which it does not name."""
    return {"resident": resident, "new": new, "home": home, **more}


def at(facility: Unit, resident: str = ANNA, **more: Any) -> Listing:
    """Return the resident's listing at a facility."""
    return listing(f"{resident} {facility.name} {more}", resident, facility, **more)


def queues(facility: Unit, resident: str, days: int = 10, **more: Any) -> QueuePlace:
    """Return the resident's place in a queue, taken so many days ago."""
    return place(f"{resident} {facility.name}", resident, facility, queued_at=NOW - days * DAY, **more)


def has_doctor(at: Unit = ALPHA) -> FixedContact:
    """Return that the resident has Dora as doctor."""
    return contact("dora", ANNA, DORA, at)


def changes(count: int, resident: str = ANNA, kind: tuple[str, str] = PV_TYPE) -> tuple[Listing, ...]:
    """Return listings that used up so many of the yearly re-listings and have ended."""
    return tuple(
        listing(
            f"{resident} change {number}",
            resident,
            PLAIN,
            code=kind[0],
            code_system=kind[1],
            valid_from=NOW - (20 + number) * DAY,
            valid_to=NOW - (10 + number) * DAY,
            counts_as_change=True,
        )
        for number in range(count)
    )


def guardian(guardian_id: str, consents: bool = False, child: str = CHILD) -> Guardianship:
    """Return that somebody is guardian of the child."""
    return Guardianship(child, guardian_id, consents)
