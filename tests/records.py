"""A small region to test with: records with everything filled in that a test does not speak of.

HSA-ids are made from short names; letter case differs between the records and their references on purpose.
"""

from datetime import date, datetime
from typing import Any

from contracts.codes import DOCTOR_CONTACT, PV
from contracts.identifiers import HsaId
from register.model import (
    CareProvider,
    ContactRoute,
    Employment,
    FixedContact,
    Listing,
    OutOfCountyListing,
    QueuePlace,
    Resident,
    Staff,
    Team,
    Unit,
)

NOW = datetime(2026, 3, 10, 12, 0)
TODAY = NOW.date()
LONG_AGO = datetime(2024, 1, 1, 8, 0)

COUNTY = "14"
OTHER_COUNTY = "01"

# Fictional numbers, from the published lists of test identities.
ANNA, BO, CLARA, DAN, EVA, FINN = (
    "195709263080",
    "194003189083",
    "191212121212",
    "196101182803",
    "199002222397",
    "195009072553",
)
OTHER_ID = "196812732391"
DATE_NOT_VERIFIED = ("197001602387", "197000602388", "198300612382")
"""Samordningsnummer of the tax agency with day 60, month 00 and day 60, and month 00."""

REGION_TYPE = ("BVC", "1.2.752.113.11.0.2.1.1")
"""Code and code system of a regional listing type."""


def hsa(name: str) -> HsaId:
    return HsaId(f"SE2321000131-{name}")


def upper(hsa_id: HsaId) -> HsaId:
    """Return the same HSA-id in another spelling."""
    return HsaId(hsa_id.text.upper())


def lower(hsa_id: HsaId) -> HsaId:
    """Return the same HSA-id in another spelling."""
    return HsaId(hsa_id.text.lower())


PROVIDER = CareProvider(hsa("region"), "Regionen")


def unit(short: str, **values: Any) -> Unit:
    defaults: dict[str, Any] = {
        "name": short.capitalize(),
        "provider": PROVIDER.hsa_id,
        "county": COUNTY,
        "listable": True,
    }
    return Unit(hsa(short), **(defaults | values))


def doctor(name: str, **values: Any) -> Staff:
    return Staff(hsa(name), **({"given_name": "Dora", "surname": name.capitalize()} | values))


def works_at(staff: Staff, at: Unit, **values: Any) -> Employment:
    return Employment(upper(staff.hsa_id), upper(at.hsa_id), **({"selectable_as_doctor": True} | values))


def listing(id: str, person_id: str, at: Unit, **values: Any) -> Listing:
    defaults: dict[str, Any] = {"code": PV.code, "code_system": PV.system, "valid_from": LONG_AGO}
    return Listing(id, person_id, lower(at.hsa_id), **(defaults | values))


def place(id: str, person_id: str, at: Unit, **values: Any) -> QueuePlace:
    defaults: dict[str, Any] = {"code": PV.code, "code_system": PV.system, "queued_at": LONG_AGO}
    return QueuePlace(id, person_id, lower(at.hsa_id), **(defaults | values))


def contact(id: str, person_id: str, staff: Staff, at: Unit, **values: Any) -> FixedContact:
    defaults: dict[str, Any] = {
        "type_code": DOCTOR_CONTACT,
        "valid_from": date(2025, 1, 1),
        "documented_at": LONG_AGO,
    }
    return FixedContact(
        id, person_id, staff=lower(staff.hsa_id), unit=upper(at.hsa_id), **(defaults | values)
    )


def phone(id: str, **owner: Any) -> ContactRoute:
    return ContactRoute(id, "phone", f"010-{id}", **owner)


def residents(*person_ids: str) -> tuple[Resident, ...]:
    return tuple(Resident(person_id, home_county=COUNTY) for person_id in person_ids)


def team(short: str, at: Unit, **values: Any) -> Team:
    defaults: dict[str, Any] = {"id_root": "1.2.752.113.11.0.2.1.2", "name": f"Team {short}"}
    return Team(short, unit=lower(at.hsa_id), **(defaults | values))


def note(id: str, person_id: str, county: str = OTHER_COUNTY, **values: Any) -> OutOfCountyListing:
    defaults: dict[str, Any] = {"code": PV.code, "code_system": PV.system, "valid_from": LONG_AGO}
    return OutOfCountyListing(id, person_id, county, **(defaults | values))
