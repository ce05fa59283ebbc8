"""Answers as a resident reads them: a card for each listing and for each fixed contact.

An answer that breaks its schema may lack any part; what is there is shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from consumer.portal import hours
from contracts.codes import PV

Body = Mapping[str, Any]
"""A value of an answer's body, as the client reads it."""


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A listing or a place in a queue (GetListing).

    Attributes:
        county: Code of the region that answered.
        listing_type: Code and code system.
        wait: Days, as estimated.
    """

    county: str
    type_name: str
    listing_type: tuple[str, str]
    facility: str
    facility_name: str
    doctor: str
    since: str
    until: str
    in_queue: bool
    position: int | None
    wait: int | None
    changes_left: int | None
    doctor_can_be_chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach somebody.

    Attributes:
        kind: The code of the system, such as phone; for an address its type.
        text: As it is read.
        link: Where it leads; empty when it leads nowhere that a page may lead to.
        open_now: None where no hours are told.
    """

    kind: str
    text: str
    link: str
    hours: list[str]
    open_now: bool | None


@dataclass(frozen=True, slots=True)
class Place:
    """A unit, a team or the person, and how it is reached."""

    heading: str
    name: str
    ways: list[Way]
    notes: str
    staff_notes: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A fixed contact (GetCareManagers).

    Attributes:
        role: The type of contact, such as fast vårdkontakt.
        post: Befattning.
        staff_notes: What only staff may see; empty in a resident's view.
    """

    role: str
    name: str
    post: str
    since: str
    until: str
    notes: str
    staff_notes: str
    places: list[Place]


def listing_cards(body: Body, county: str) -> Iterator[ListingCard]:
    """Yield the listings and queue places of an answer of GetListing."""
    for one in _list(body, "listings"):
        facility, kind = _part(one, "healthcareFacility"), _part(one, "listingType")
        yield ListingCard(
            county=county,
            type_name=name_of_type(kind),
            listing_type=(_text(kind, "code"), _text(kind, "codeSystem")),
            facility=_text(facility, "id"),
            facility_name=_text(facility, "name") or _text(facility, "id"),
            doctor=_text(_part(one, "healthcarePersonnel"), "name"),
            since=_text(one, "validFromDate")[:10],
            until=_text(one, "validToDate")[:10],
            in_queue=bool(one.get("isInQueue")),
            position=one.get("queuePosition"),
            wait=one.get("estimatedWaitInQueue"),
            changes_left=one.get("remainingChanges"),
            doctor_can_be_chosen=bool(facility.get("supportsHealthcarePersonnel")),
        )


def contact_cards(body: Body, now: datetime, *, for_staff: bool) -> Iterator[ContactCard]:
    """Yield the fixed contacts of an answer of GetCareManagers.

    Args:
        body: The answer.
        now: The present, Swedish local time; what is open now depends on it.
        for_staff: Whether notes for staff are shown. internalNotes are never for the resident (TKB 4.2).
    """
    for one in _list(body, "careManager"):
        practitioner, period = _part(one, "practitioner"), _part(one, "period")
        post = _part(practitioner, "qualification")
        own = Place("Direkt till kontakten", "", list(_ways(one, now)), "", "")
        others = [
            Place(
                heading,
                _text(place, "name"),
                list(_ways(place, now)),
                _text(place, "externalNotes"),
                _text(place, "internalNotes") if for_staff else "",
            )
            for heading, element in _PLACES
            if (place := _part(one, element)) and _shows(heading, place, for_staff)
        ]
        yield ContactCard(
            role=_text(_part(one, "code"), "displayName") or "fast kontakt",
            name=_text(practitioner, "name"),
            post=_text(post, "originalText") or _text(post, "displayName"),
            since=hours.date(_text(period, "start")),
            until=hours.date(_text(period, "end")),
            notes=_text(one, "externalNotes"),
            staff_notes=_text(one, "internalNotes") if for_staff else "",
            places=([own] if own.ways else []) + others,
        )


_TEAM, _GIVER = "Team", "Vårdgivare"
_PLACES = (
    (_TEAM, "careTeam"),
    ("Arbetar på", "careProvidingCareUnit"),
    ("Ansvarig enhet", "managingCareUnit"),
    (_GIVER, "managingCareGiver"),
)


def _shows(heading: str, place: Body, for_staff: bool) -> bool:
    """Tell whether a place is shown: a care provider says little to a resident unless it can be reached."""
    return heading != _GIVER or for_staff or bool(_list(place, "contact"))


def name_of_type(kind: Body) -> str:
    """Return the name of a listing type (CVType)."""
    return _text(kind, "displayName") or _text(kind, "originalText") or _text(kind, "code") or PV.display


def _ways(holder: Body, now: datetime) -> Iterator[Way]:
    for contact in _list(holder, "contact"):
        for telecom in _list(contact, "telecom"):
            kind, value = _text(_part(telecom, "system"), "code"), _text(telecom, "value")
            text, link = _reached_by(kind, value)
            yield _way(kind, text, link, telecom, now)
        for address in _addresses(contact):
            town = " ".join(filter(None, (_text(address, "postalCode"), _text(address, "city"))))
            lines = [line for line in address.get("line") or () if line]
            yield _way("address", ", ".join(filter(None, (*lines, town))), "", address, now)


def _addresses(contact: Body) -> Iterable[Body]:
    """Return the addresses of a contact, of which the schema allows one or several."""
    found = contact.get("address")
    return [found] if isinstance(found, Mapping) else [one for one in found or () if isinstance(one, Mapping)]


def _way(kind: str, text: str, link: str, holder: Body, now: datetime) -> Way:
    periods = _list(holder, "period")
    return Way(kind, text, link, hours.written(periods), hours.open_at(periods, now))


def _reached_by(kind: str, value: str) -> tuple[str, str]:
    """Return a way of contact as it is read, and where its link leads."""
    if kind in ("phone", "sms", "fax"):
        try:
            number = phonenumbers.parse(value, "SE")
        except phonenumbers.NumberParseException:
            return value, ""
        text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        link = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return text, "" if kind == "fax" else f"{'sms' if kind == 'sms' else 'tel'}:{link}"
    if kind == "email" and value.count("@") == 1 and not set(value) & set("?&\"' <>"):
        return value, f"mailto:{value}"
    # Whatever a producer sends, a link leads to a page and runs nothing.
    return value, value if urlsplit(value).scheme in ("http", "https") else ""


def _list(body: Body, element: str) -> list[Body]:
    return [one for one in body.get(element) or () if isinstance(one, Mapping)]


def _part(body: Body, element: str) -> Body:
    found = body.get(element)
    return found if isinstance(found, Mapping) else {}


def _text(body: Body, element: str) -> str:
    found = body.get(element)
    return "" if found is None else str(found).strip()
