"""What the answers must be, told from the records alone: no query, no mapping and no code of the producer.

Each function returns everything that an answer may show, as texts in the order of the answer.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from contracts.codes import PV, befattning_display
from contracts.identifiers import HsaId
from register.model import FixedContact, Listing, OutOfCountyListing, Resident, Staff, Unit
from tests.integration.worlds import NATIONAL, TYPES, World
from tests.records import NOW, TODAY

Code = tuple[str, str]


def active(begins: datetime, ends: datetime | None) -> bool:
    return begins <= NOW and (ends is None or ends > NOW)


def valid(record: Any) -> bool:
    first: date | None = record.valid_from
    last: date | None = record.valid_to
    return (first is None or first <= TODAY) and (last is None or last >= TODAY)


def person(world: World, number: str) -> Resident | None:
    """Return the one resident a number names, if anything may be told about that person."""
    found = [one for one in world.residents if one.person_id == number]
    found = found or [one for one in world.residents if number in one.other_ids]
    if len(found) != 1 or found[0].protected or dead(found[0]):
        return None
    return found[0]


def dead(resident: Resident) -> bool:
    return resident.deceased_on is not None and resident.deceased_on <= TODAY


def living(world: World, person_id: str) -> bool:
    return not any(dead(one) for one in world.residents if one.person_id == person_id)


def unit(world: World, hsa_id: HsaId) -> Unit:
    return next(one for one in world.units if one.hsa_id == hsa_id)


def care_unit(world: World, at: Unit) -> Unit:
    return unit(world, at.care_unit) if at.care_unit else at


def staff(world: World, hsa_id: HsaId) -> Staff:
    return next(one for one in world.staff if one.hsa_id == hsa_id)


def full_name(of: Staff) -> str:
    first = f"{of.given_name} {of.middle_name}" if of.middle_name else of.given_name
    return f"{first} {of.surname}"


def type_name(code: Code, county: str) -> str:
    if code == NATIONAL:
        return PV.display
    offered = {(one.code, one.code_system): one.display_name for one in TYPES if one.county == county}
    return offered.get(code, code[0])


def codes(world: World, at: Unit) -> list[Code]:
    return sorted((one.code, one.code_system) for one in world.unit_types if one.unit == at.hsa_id)


def offers(world: World, at: Unit, asked: Iterable[Code]) -> bool:
    asked = list(asked)
    return not asked or bool(set(asked) & set(codes(world, at) or [NATIONAL]))


def facility(world: World, at: Unit) -> tuple[Any, ...]:
    """Return what is told of a facility: id, name, hasQueue, types, personnel, queue length, wait."""
    listed = [
        one
        for one in world.listings
        if one.unit == at.hsa_id
        and (one.code, one.code_system) == NATIONAL  # what the cap is for
        and active(one.valid_from, one.valid_to)
        and living(world, one.person_id)
    ]
    queue = len(queuing(world, at, NATIONAL))
    full = at.max_listings is not None and offers(world, at, [NATIONAL]) and len(listed) >= at.max_listings
    has_queue = full and at.offers_queue
    return (
        str(at.hsa_id),
        at.name,
        has_queue,
        [(code, system, type_name((code, system), at.county)) for code, system in codes(world, at)],
        at.offers_choice_of_personnel,
        queue if full and (at.offers_queue or queue) else None,
        at.estimated_wait_days if has_queue else None,
    )


def queuing(world: World, at: Unit, code: Code) -> list[str]:
    """Return the ids of the places in a unit's queue for a listing type, in their order."""
    places = [
        one
        for one in world.places
        if one.unit == at.hsa_id
        and (one.code, one.code_system) == code
        and active(one.queued_at, one.left_at)
        and living(world, one.person_id)
    ]
    return [one.id for one in sorted(places, key=lambda one: (one.queued_at, one.id))]


def facilities(world: World, county: str, ids: list[HsaId], asked: list[Code]) -> list[tuple[Any, ...]]:
    found = [
        one
        for one in world.units
        if one.county == county and one.listable and valid(one) and offers(world, one, asked)
    ]
    if ids:
        found = [one for one in found if one.hsa_id in ids]
    return [facility(world, one) for one in sorted(found, key=lambda one: (one.name, str(one.hsa_id)))]


def listed_with_pv(world: World, person_id: str) -> list[Listing]:
    return [
        one
        for one in world.listings
        if one.person_id == person_id
        and (one.code, one.code_system) == NATIONAL
        and active(one.valid_from, one.valid_to)
    ]


def doctor(world: World, person_id: str) -> FixedContact | None:
    """Return the contact that makes somebody the resident's doctor now."""
    found = []
    for one in world.contacts:
        at = unit(world, one.unit)
        carriers = [
            listing
            for listing in listed_with_pv(world, person_id)
            if listing.unit == at.hsa_id or listing.unit == at.care_unit
        ]
        if (
            one.person_id == person_id
            and one.type_code == "2"
            and valid(one)
            and carriers
            and valid(at)
            and valid(care_unit(world, at))
        ):
            found.append(one)
    if not found:
        return None
    last = max(found, key=lambda one: (one.valid_from, one.documented_at, one.id))
    return None if staff(world, last.staff).protected else last


def changes_left(world: World, resident: Resident, allowed: int) -> int:
    year = NOW - timedelta(days=365)  # no 29 February between NOW and a year before
    begun: list[Listing | OutOfCountyListing] = [*world.listings, *world.notes]
    used = [
        one
        for one in begun
        if one.person_id == resident.person_id
        and (one.code, one.code_system) == NATIONAL
        and one.counts_as_change
        and year < one.valid_from <= NOW
    ]
    return max(0, allowed - len(used))


def listings(
    world: World, number: str, county: str, allowed: int, sees: Callable[[Unit], bool]
) -> list[tuple[Any, ...]]:
    """Return what GetListing tells; ``sees`` tells of which units the actor may see listings."""
    resident = person(world, number)
    if resident is None:
        return []

    def shown(hsa_id: HsaId) -> bool:
        at = unit(world, hsa_id)
        return at.county == county and valid(at) and sees(at)

    def left(code: Code) -> int | None:
        at_home = resident.home_county == county
        return changes_left(world, resident, allowed) if at_home and code == NATIONAL else None

    linked = doctor(world, resident.person_id)
    answer: list[tuple[Any, ...]] = []
    mine = [one for one in world.listings if one.person_id == resident.person_id and shown(one.unit)]
    for one in sorted(mine, key=lambda one: (one.valid_from, one.id)):
        if not active(one.valid_from, one.valid_to):
            continue
        code, at = (one.code, one.code_system), unit(world, one.unit)
        who = None
        if linked and code == NATIONAL:
            works_at = unit(world, linked.unit)
            if works_at.hsa_id == at.hsa_id or works_at.care_unit == at.hsa_id:
                who = staff(world, linked.staff)
        answer.append(
            (
                one.valid_from.isoformat(),
                one.valid_to.isoformat() if one.valid_to else None,
                (*code, type_name(code, county)),
                facility(world, at),
                personnel(who) if who else None,
                False,
                None,
                None,
                left(code),
            )
        )
    queue = [one for one in world.places if one.person_id == resident.person_id and shown(one.unit)]
    for place in sorted(queue, key=lambda one: (one.queued_at, one.id)):
        if not active(place.queued_at, place.left_at):
            continue
        code, at = (place.code, place.code_system), unit(world, place.unit)
        answer.append(
            (
                None,
                None,
                (*code, type_name(code, county)),
                facility(world, at),
                None,
                True,
                queuing(world, at, code).index(place.id) + 1,
                place.estimated_wait_days,
                left(code),
            )
        )
    return answer


def counties(
    world: World, number: str, county: str, sees: Callable[[Unit], bool], *, all_units: bool
) -> list[str]:
    """Return what GetListingCounty tells; notes of listings elsewhere only to those who see all units."""
    resident = person(world, number)
    if resident is None or resident.home_county != county:
        return []
    here = [
        one
        for one in world.listings
        if one.person_id == resident.person_id
        and active(one.valid_from, one.valid_to)
        and unit(world, one.unit).county == county
        and valid(unit(world, one.unit))
        and sees(unit(world, one.unit))
    ]
    elsewhere = {
        one.county
        for one in world.notes
        if all_units and one.person_id == resident.person_id and active(one.valid_from, one.valid_to)
    }
    return ([county] if here else []) + sorted(elsewhere - {county})


def personnel(of: Staff) -> tuple[str, str, str | None]:
    known = befattning_display(of.befattning) if of.befattning else None
    return str(of.hsa_id), full_name(of), of.title or known


def selectable(
    world: World, number: str, at: Unit, county: str, asked: list[Code], *, residents_only: bool
) -> list[tuple[str, str, str | None]]:
    """Return what GetAvailableHealthcarePersonnel tells."""
    resident = person(world, number)
    if residents_only and (resident is None or resident.home_county != county):
        return []
    open_for_choice = at.listable and at.offers_choice_of_personnel and valid(at) and at.county == county
    for_pv = NATIONAL in (asked or [NATIONAL]) and offers(world, at, [NATIONAL])
    if not open_for_choice or not for_pv:
        return []
    found = []
    for one in world.employments:
        who = staff(world, one.staff)
        patients = {
            contact.person_id
            for contact in world.contacts
            if contact.type_code == "2"
            and contact.staff == one.staff
            and contact.unit == at.hsa_id
            and valid(contact)
            and living(world, contact.person_id)
            and any(
                listing.unit == at.hsa_id or listing.unit == at.care_unit
                for listing in listed_with_pv(world, contact.person_id)
            )
        }
        has_room = one.max_patients is None or len(patients) < one.max_patients
        if (
            one.unit == at.hsa_id
            and one.selectable_as_doctor
            and not one.paused
            and valid(one)
            and not who.protected
            and has_room
        ):
            found.append(who)
    found.sort(key=lambda who: (who.surname, who.given_name, str(who.hsa_id)))
    return [personnel(who) for who in found]
