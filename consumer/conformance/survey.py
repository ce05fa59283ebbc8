"""Fills a data file in by asking a producer: what it offers, its facilities and types, who is listed where.

It asks by the Get contracts alone, so nothing is changed. What no answer tells, such as who has protected
identity, is left empty for the tester to fill in.
"""

from collections.abc import Callable, Sequence
from typing import Any

from consumer.conformance.case import Blocked
from consumer.conformance.data import CaseData
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, TRUE, Seen, codes_at, text_of
from consumer.conformance.session import Session
from consumer.conformance.writing import citizen, person
from contracts.codes import PV, counties
from contracts.messages import (
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
)

UNKNOWN_ID = "SE0000000000-FINNSEJ"
"""An HSA-id that nobody has."""
NOBODY = "191212121212"
"""A test number, to see whether a contract is answered at all."""

Told = Callable[[str], None]
"""Told what is being asked."""


def survey(
    session: Session,
    persons: Sequence[str],
    *,
    county: str = "",
    care_managers: str = "",
    told: Told = lambda text: None,
) -> CaseData:
    """Return a data file, as full as asking can make it.

    Args:
        session: The producer; its data are not used.
        persons: Numbers of test persons to ask about.
        county: LogicalAddress of carelisting; left out: the first county that is answered.
        care_managers: LogicalAddress of GetCareManagers; left out: it is not asked.
        told: Told what is being asked.
    """
    probe = Probe(session, writes=False)
    found: dict[str, dict[str, Any]] = {name: {} for name in CaseData.model_fields if name != "limits"}
    told("counties")
    served = [one for one in counties() if probe.ask(GetListingTypes(), one).answered]
    county = county or next(iter(served), "")
    if county:
        unserved = next((one for one in counties() if one not in (*served, county)), "")
        found["carelisting"] = {"county": county, "unserved_county": unserved}
        told("facilities and types")
        _facilities(probe, county, found)
        told(f"{len(persons)} persons")
        _listings(probe, county, persons or (NOBODY,), found)
    if care_managers:
        told("fixed contacts")
        found["care_managers"] = {"address": care_managers, "unserved_address": UNKNOWN_ID}
        _contacts(probe, care_managers, persons or (NOBODY,), found["care_managers"])
    probe.ping()
    found["producer"] = {"contracts": _offered(probe)}
    return CaseData.model_validate(found)


def _offered(probe: Probe) -> tuple[str, ...]:
    """Return the contracts that have been answered, and those that go with them and cannot be asked for."""
    answered = {seen.contract.name for seen in probe.everything() if seen.answered and seen.contract}
    if "GetListing" in answered:
        answered |= {"CreateListing", "UpdateListing"}
    return tuple(sorted(answered))


def _facilities(probe: Probe, county: str, found: dict[str, dict[str, Any]]) -> None:
    types = probe.ask(GetListingTypes(), county)
    own = [key for key in codes_at(types, "listingTypes") if key[1] != PV.system]
    if own:
        found["carelisting"]["local_type"] = "|".join(own[0])
    listed = probe.ask(GetAvailableHealthcareFacilities(), county).all("healthcareFacilities")
    place = found["facilities"]
    place["unknown"] = UNKNOWN_ID
    for one in listed:
        id, queue = text_of(one, "id"), text_of(one, "hasQueue") in TRUE
        chooses = text_of(one, "supportsHealthcarePersonnel") in TRUE
        kinds = len(one.findall("{*}supportedListingTypes"))
        if "one" in place:
            place.setdefault("another", id)
        place.setdefault("one", id)
        place.setdefault("full_with_queue" if queue else "with_room", id)
        place.setdefault("with_doctors" if chooses else "without_doctors", id)
        if kinds != 1:
            place.setdefault("several_types" if kinds else "without_types", id)
    probe.ask(GetAvailableHealthcarePersonnel(person(NOBODY), place.get("one", UNKNOWN_ID)), county)


def _listings(probe: Probe, county: str, persons: Sequence[str], found: dict[str, dict[str, Any]]) -> None:
    of = found["persons"]
    for number in persons:
        seen = probe.ask(GetListing(citizen(number), person(number)), county)
        homes = probe.ask(GetListingCounty(citizen(number), person(number)), county)
        if not seen.done:
            continue
        # Where GetListingCounty is not answered, who is listed here is taken to live here.
        codes = homes.texts("listingCounties/extension") if homes.answered else [county]
        if not seen.all("listings") and not homes.answered:
            codes = []
        for name in _situations(seen, codes, county, number):
            of.setdefault(name, number)
        if of.get("listed_elsewhere") == number:
            of["elsewhere_county"] = next(one for one in codes if one != county)
        if of.get("listed_in_two") == number:
            of["two_counties"] = codes


def _situations(seen: Seen, codes: list[str], county: str, number: str) -> list[str]:
    """Return the keys of the data file that a resident fits, by what the producer answers."""
    entries = seen.all("listings")
    active = [one for one in entries if text_of(one, "isInQueue") in FALSE]
    names = []
    if active and codes == [county]:
        doctor = any(text_of(one, "healthcarePersonnel/id") for one in active)
        names += ["listed", "with_doctor" if doctor else "without_doctor"]
        names += ["coordination_number"] if number[6] in "6789" else []
        names += ["with_end"] if any(text_of(one, "validToDate") for one in active) else []
        names += ["two_types"] if len({text_of(one, "listingType/codeSystem") for one in active}) > 1 else []
    elif active and not codes:
        names.append("of_other_county")
    if len(entries) > len(active):
        names.append("in_queue")
    if len(codes) > 1:
        names.append("listed_in_two")
    elif codes and codes != [county]:
        names.append("listed_elsewhere")
    return names if entries or codes else ["unknown", "not_listed"]


def _contacts(probe: Probe, address: str, persons: Sequence[str], found: dict[str, Any]) -> None:
    patients = []
    for number in persons:
        seen = probe.ask(GetCareManagers(person(number)), address)
        if seen.answered and not seen.all("careManager"):
            found.setdefault("unknown", number)
        if not seen.all("careManager"):
            continue
        codes = seen.texts("careManager/code/code")
        if not number.isdecimal():
            found.setdefault("reserve_number", number)
            continue
        patients.append(number)
        if number[6] in "6789":
            found.setdefault("coordination_number", number)
        if "2" in codes:
            found.setdefault("doctor", number)
        if len(set(codes)) > 1 and "several" not in found:
            found["several"] = number
            found["care_giver"] = seen.text("careManager/managingCareGiver/hsaId/extension")
            found["care_unit"] = seen.text("careManager/managingCareUnit/hsaId/extension")
            found["unknown_unit"] = UNKNOWN_ID
    found["patients"] = tuple(patients)


def check_reachable(session: Session) -> None:
    """Ask one thing, to learn whether anything answers.

    Raises:
        Blocked: Nothing does; the text says why.
    """
    seen = Probe(session, writes=False).ping()
    if seen.exchange.status is None:
        raise Blocked(seen.trouble)
