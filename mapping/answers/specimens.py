"""A full answer of each contract, made as answers are: what a schema says of it tells whether it can be sent.

An operator may have answers checked against an official release package (``schemas.path``). If the package
names an element otherwise than our own schemas, every call would end in a Fault; these show it before the
first. Nothing of them is anybody's: the identities are those of no one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from lxml import etree

from contacts.care_managers import CareManager
from contracts import oids
from contracts.catalogue import Contract, by_name
from contracts.codes import CARE_CONTACT, PV, ResultCode
from contracts.identifiers import HsaId, PersonId
from listings.current import ListedAt, QueuedAt
from listings.facilities import Facility
from mapping.answers import carelisting, monitoring, residentparticipation
from register.model import (
    Audience,
    CareProvider,
    ContactRoute,
    FixedContact,
    Listing,
    ListingType,
    QueuePlace,
    Staff,
    Team,
    Unit,
)

_DAY = datetime(2026, 1, 15, 8, 30)
_COUNTY = "14"
_ROUTES = (
    ContactRoute("phone", "phone", "+46313900601", hours="Mån-fre 08:00-16:30"),
    ContactRoute("email", "email", "enheten@example.org"),
    ContactRoute("url", "url", "https://www.example.org"),
    ContactRoute("staff", "phone", "+46313900602", Audience.STAFF),
)
_PROVIDER = CareProvider(HsaId("SE0000000000-VG"), "Vårdgivaren", "0000000000")
_UNIT = Unit(
    HsaId("SE0000000000-VE"),
    "Vårdcentralen",
    _PROVIDER.hsa_id,
    _COUNTY,
    listable=True,
    max_listings=0,
    offers_queue=True,
    estimated_wait_days=30,
    offers_choice_of_personnel=True,
    visiting_address="Gatan 1",
    visiting_town="Orten",
    postal_address="Box 1",
    postal_code="111 11",
    postal_town="Orten",
)
_WORKING_UNIT = Unit(HsaId("SE0000000000-AE"), "Mottagningen", _PROVIDER.hsa_id, _COUNTY, _UNIT.hsa_id)
_STAFF = Staff(HsaId("SE0000000000-P"), "Namn", "Namnsson", None, "201011", "Distriktsläkare")
_TEAM = Team(
    "6a1f7e0c-0000-4000-8000-000000000000",
    "urn:uuid",
    "Teamet",
    _WORKING_UNIT.hsa_id,
    "För alla",
    "För personal",
)
_PATIENT = "191212121212"
"""The number that stands in examples everywhere: a test identity."""

_FACILITY = Facility(_UNIT, (PV.key,), 0, 3)
_NAMES = carelisting.type_names([ListingType(_COUNTY, PV.code, PV.system, PV.display)])


def _listings() -> etree._Element:
    at = ("id", _PATIENT, _UNIT.hsa_id, PV.code, PV.system, _DAY)
    listed = ListedAt(Listing(*at, valid_to=_DAY), _FACILITY, _STAFF)
    queued = QueuedAt(QueuePlace(*at, estimated_wait_days=30), _FACILITY, 1)
    return carelisting.listings([listed], [queued], _NAMES, 3)


def _care_managers() -> etree._Element:
    contact = FixedContact(
        "id",
        _PATIENT,
        CARE_CONTACT,
        _STAFF.hsa_id,
        _WORKING_UNIT.hsa_id,
        _DAY.date(),
        _DAY,
        _DAY.date(),
        external_notes="För alla",
        internal_notes="För personal",
        direct_number_visible=True,
        care_process_root=oids.HSA_ID,
        care_process_id="process",
    )
    full = CareManager(
        contact, _STAFF, _WORKING_UNIT, _UNIT, _PROVIDER, _TEAM, _ROUTES, _ROUTES, _ROUTES, _ROUTES, _ROUTES
    )
    return residentparticipation.care_managers(
        [full], PersonId.from_text(_PATIENT), str(_PROVIDER.hsa_id), staff_numbers_in_notes=True
    )


_MADE: Mapping[str, Callable[[], etree._Element]] = {
    "GetListing": _listings,
    "GetListingTypes": lambda: carelisting.listing_types(_NAMES.values()),
    "GetListingCounty": lambda: carelisting.listing_counties([_COUNTY]),
    "GetAvailableHealthcareFacilities": lambda: carelisting.facilities([_FACILITY], _NAMES),
    "GetAvailableHealthcarePersonnel": lambda: carelisting.personnel([_STAFF]),
    "CreateListing": lambda: carelisting.result(by_name("CreateListing"), ResultCode.INFO, "Text"),
    "UpdateListing": lambda: carelisting.result(by_name("UpdateListing"), ResultCode.INFO, "Text"),
    "GetCareManagers": _care_managers,
    "PingForConfiguration": lambda: monitoring.ping("1.0", _DAY, {"product": "fastkontakt"}),
}

ANSWERED = frozenset(_MADE)
"""Names of the contracts that there is an answer of."""


def specimen(contract: Contract) -> etree._Element:
    """Return a full answer of a contract: every element that this product ever sends is in it.

    Args:
        contract: One of those in `ANSWERED`.
    """
    return _MADE[contract.name]()
