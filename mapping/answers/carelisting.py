"""Register views -> response elements of carelisting 2.1.

Element order and names are the schemas'; what to send when is the contract description's (TKB 2.1, chapter
6). displayName is always sent (contradiction C9), waits and lengths are whole numbers (C11), and the order of
the 2.1 elements is kept with nothing added after them (C15).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from lxml import etree

from contacts.care_managers import CareManager
from contracts import oids
from contracts.catalogue import CARELISTING, Contract, by_name
from contracts.codes import PV, Code, ResultCode, befattning_display
from listings.current import ListedAt, QueuedAt
from listings.facilities import Facility
from listings.results import ListingResult
from mapping.answers import doctor_extension
from mapping.answers.elements import add, add_optional, boolean
from mapping.answers.texts import result_text
from register.model import ListingType, Staff

_GET_LISTING = by_name("GetListing")
_DOMAIN = _GET_LISTING.domain_namespace
_EXTENSION = f"urn:riv:{CARELISTING}:2.1"

TypeNames = Mapping[tuple[str, str], Code]
"""(code, code system) of a listing type -> the code with the name to send."""


def type_names(types: Iterable[ListingType]) -> dict[tuple[str, str], Code]:
    """Return the listing types a county offers: PV first, then those of the register in their order.

    PV has its national name also where the register holds it under another (TKB 2.1, GetListing).
    """
    names = {(PV.code, PV.system): PV}
    for one in types:
        key = (one.code, one.code_system)
        names.setdefault(key, Code(*key, one.display_name))
    return names


def listings(
    listed: Sequence[ListedAt],
    queued: Sequence[QueuedAt],
    names: TypeNames,
    remaining: int | None,
    link: CareManager | None = None,
) -> etree._Element:
    """Return GetListingResponse: one entry per active listing and per queue place.

    Args:
        listed: Active listings.
        queued: Queue places; a resident can be listed at one facility and queue at another (IS flow 6).
        names: Listing types of the region.
        remaining: Re-listings left of the resident's yearly ones, sent on PV entries; None unless the answer
            comes from the resident's home region, which alone can know.
        link: The resident's doctor as fixed contact, to tell more of in the doctor extension; None without.
    """
    response = _response(_GET_LISTING)
    for item in listed:
        entry = add(response, f"{{{_GET_LISTING.namespace}}}listings")
        add(entry, f"{{{_DOMAIN}}}validFromDate", _moment(item.listing.valid_from))
        if item.listing.valid_to is not None:
            add(entry, f"{{{_DOMAIN}}}validToDate", _moment(item.listing.valid_to))
        key = (item.listing.code, item.listing.code_system)
        _listing_type(entry, "listingType", _named(names, key))
        _facility(add(entry, f"{{{_DOMAIN}}}healthcareFacility"), item.facility, names)
        if item.doctor is not None:
            doctor = _personnel(add(entry, f"{{{_DOMAIN}}}healthcarePersonnel"), item.doctor)
            if link is not None:
                doctor_extension.of_link(doctor, link)
        add(entry, f"{{{_DOMAIN}}}isInQueue", boolean(False))
        _remaining(entry, key, remaining)
    for place in queued:
        entry = add(response, f"{{{_GET_LISTING.namespace}}}listings")
        key = (place.place.code, place.place.code_system)
        _listing_type(entry, "listingType", _named(names, key))
        _facility(add(entry, f"{{{_DOMAIN}}}healthcareFacility"), place.facility, names)
        add(entry, f"{{{_DOMAIN}}}isInQueue", boolean(True))
        add(entry, f"{{{_EXTENSION}}}queuePosition", str(place.position))
        add_optional(entry, f"{{{_EXTENSION}}}estimatedWaitInQueue", _count(place.place.estimated_wait_days))
        _remaining(entry, key, remaining)
    return _ok(_GET_LISTING, response)


def listing_types(types: Iterable[Code]) -> etree._Element:
    """Return GetListingTypesResponse with these types."""
    contract = by_name("GetListingTypes")

    def write(response: etree._Element) -> None:
        for one in types:
            _cv(add(response, f"{{{contract.namespace}}}listingTypes"), one)

    return _answer(contract, write)


def listing_counties(codes: Iterable[str]) -> etree._Element:
    """Return GetListingCountyResponse with these county codes."""
    contract = by_name("GetListingCounty")

    def write(response: etree._Element) -> None:
        for code in codes:
            county = add(response, f"{{{contract.namespace}}}listingCounties")
            add(county, f"{{{_DOMAIN}}}root", oids.COUNTY)
            add(county, f"{{{_DOMAIN}}}extension", code)

    return _answer(contract, write)


def facilities(found: Iterable[Facility], names: TypeNames) -> etree._Element:
    """Return GetAvailableHealthcareFacilitiesResponse with these facilities."""
    contract = by_name("GetAvailableHealthcareFacilities")

    def write(response: etree._Element) -> None:
        for facility in found:
            _facility(add(response, f"{{{contract.namespace}}}healthcareFacilities"), facility, names)

    return _answer(contract, write)


def personnel(doctors: Iterable[Staff], *, extended: bool = False) -> etree._Element:
    """Return GetAvailableHealthcarePersonnelResponse with these doctors, with the doctor extension or not."""
    contract = by_name("GetAvailableHealthcarePersonnel")

    def write(response: etree._Element) -> None:
        for doctor in doctors:
            entry = _personnel(add(response, f"{{{contract.namespace}}}healthcarePersonnel"), doctor)
            if extended:
                doctor_extension.of_doctor(entry, doctor)

    return _answer(contract, write)


def result(contract: Contract, code: ResultCode, text: str | None) -> etree._Element:
    """Return a response that holds nothing but a result: every list of carelisting may be empty."""
    response = _response(contract)
    add(response, f"{{{contract.namespace}}}resultCode", code)
    add_optional(response, f"{{{contract.namespace}}}resultText", text)
    return response


def listing_result(contract: Contract, found: ListingResult, log_id: str) -> etree._Element:
    """Return the response to a request for a change, with what there is to say in Swedish."""
    return result(contract, found.code, result_text(found, log_id))


def _answer(contract: Contract, write: Callable[[etree._Element], None]) -> etree._Element:
    response = _response(contract)
    write(response)
    return _ok(contract, response)


def _response(contract: Contract) -> etree._Element:
    return etree.Element(
        contract.response, nsmap={None: contract.namespace, "core": _DOMAIN, "ext": _EXTENSION}
    )


def _ok(contract: Contract, response: etree._Element) -> etree._Element:
    add(response, f"{{{contract.namespace}}}resultCode", ResultCode.OK)
    return response


def _facility(element: etree._Element, facility: Facility, names: TypeNames) -> None:
    """Fill a HealthcareFacilityType. No listing types means PV only, so none are sent for such a unit."""
    unit = facility.unit
    add(element, f"{{{_DOMAIN}}}id", str(unit.hsa_id))
    add(element, f"{{{_DOMAIN}}}name", unit.name)
    add(element, f"{{{_DOMAIN}}}hasQueue", boolean(facility.has_queue))
    for key in facility.listing_types:
        _listing_type(element, "supportedListingTypes", _named(names, key))
    add(element, f"{{{_DOMAIN}}}supportsHealthcarePersonnel", boolean(unit.offers_choice_of_personnel))
    # Both only say something about a full facility, the wait only where a queue is offered (TKB 2.1).
    if facility.full and (unit.offers_queue or facility.queue_length):
        add(element, f"{{{_EXTENSION}}}queueLength", str(facility.queue_length))
    if facility.has_queue:
        add_optional(element, f"{{{_EXTENSION}}}estimatedWaitInQueue", _count(unit.estimated_wait_days))


def _personnel(element: etree._Element, staff: Staff) -> etree._Element:
    """Fill and return a HealthcarePersonnelType; title is free text, else the name of the befattning."""
    add(element, f"{{{_DOMAIN}}}id", str(staff.hsa_id))
    add(element, f"{{{_DOMAIN}}}name", staff.name)
    title = staff.title or (befattning_display(staff.befattning) if staff.befattning else None)
    add_optional(element, f"{{{_DOMAIN}}}title", title)
    return element


def _remaining(entry: etree._Element, key: tuple[str, str], remaining: int | None) -> None:
    if remaining is not None and key == (PV.code, PV.system):
        add(entry, f"{{{_EXTENSION}}}remainingChanges", str(remaining))


def _named(names: TypeNames, key: tuple[str, str]) -> Code:
    """Return the type with its name; the code itself names a type the region has stopped offering."""
    return names.get(key) or Code(*key, display=key[0])


def _listing_type(parent: etree._Element, name: str, code: Code) -> None:
    _cv(add(parent, f"{{{_DOMAIN}}}{name}"), code)


def _cv(element: etree._Element, code: Code) -> None:
    add(element, f"{{{_DOMAIN}}}code", code.code)
    add(element, f"{{{_DOMAIN}}}codeSystem", code.system)
    add(element, f"{{{_DOMAIN}}}displayName", code.display)


def _moment(value: datetime) -> str:
    """Return an xs:dateTime in Swedish local time without zone (carelisting TKB 5.1)."""
    return value.isoformat(timespec="seconds")


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)
