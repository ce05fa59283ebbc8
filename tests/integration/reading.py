"""What is told in an answer, in the form that the oracles tell it."""

from typing import Any

from lxml import etree

from tests.asking import values
from tests.integration.worlds import keys


def optional(element: etree._Element, steps: str) -> str | None:
    found = values(element, steps)
    assert len(found) < 2, steps
    return found[0] if found else None


def number(element: etree._Element, steps: str) -> int | None:
    found = optional(element, steps)
    return None if found is None else int(found)


def listing(entry: etree._Element) -> tuple[Any, ...]:
    """Read an entry of GetListing as `oracle.listings` tells it."""
    (at,) = entry.iterfind("{*}healthcareFacility")
    who = entry.find("{*}healthcarePersonnel")
    names = ("queuePosition", "estimatedWaitInQueue", "remainingChanges")
    return (
        optional(entry, "validFromDate"),
        optional(entry, "validToDate"),
        tuple(values(entry, "listingType/*")),
        facility(at),
        None if who is None else personnel(who),
        optional(entry, "isInQueue") == "true",
        *(number(entry, name) for name in names),
    )


def facility(element: etree._Element) -> tuple[Any, ...]:
    """Read a facility as `oracle.facility` tells it."""
    return (
        optional(element, "id"),
        optional(element, "name"),
        optional(element, "hasQueue") == "true",
        [tuple(values(one, "*")) for one in element.iterfind("{*}supportedListingTypes")],
        optional(element, "supportsHealthcarePersonnel") == "true",
        number(element, "queueLength"),
        number(element, "estimatedWaitInQueue"),
    )


def personnel(element: etree._Element) -> tuple[Any, ...]:
    """Read a doctor as `oracle.personnel` tells it."""
    return tuple(optional(element, name) for name in ("id", "name", "title"))


def care_manager(item: etree._Element) -> tuple[Any, ...]:
    """Read a contact as `oracle_of_contacts.care_managers` tells it."""
    access = item.find("{*}careManagerHeader/{*}accessControlHeader")
    team = item.find("{*}careTeam")
    (giver,) = item.iterfind("{*}managingCareGiver")
    (managing,) = item.iterfind("{*}managingCareUnit")
    providing = item.find("{*}careProvidingCareUnit")
    assert values(access, "accountableHealthcareProviderId/*") == values(giver, "hsaId/*")
    assert values(access, "accountableCareUnitId/*") == values(managing, "hsaId/*")
    return (
        optional(item, "code/code"),
        optional(access, "patientId/extension"),
        (
            optional(item, "practitioner/hsaId/extension"),
            optional(item, "practitioner/name"),
            optional(item, "practitioner/qualification/originalText"),
        ),
        None
        if team is None
        else (
            optional(team, "id/extension"),
            optional(team, "name"),
            keys(optional(team, "internalNotes") or "", "mr"),
            optional(team, "externalNotes"),
            telecoms(team),
        ),
        optional(item, "period/start"),
        optional(item, "period/end"),
        keys(optional(item, "internalNotes") or "", "nr"),
        optional(item, "externalNotes"),
        (optional(giver, "hsaId/extension"), optional(giver, "name"), telecoms(giver)),
        organisation(managing),
        None if providing is None else organisation(providing),
        telecoms(item),
        optional(access, "careProcessId/extension"),
        optional(access, "blockComparisonTime"),
    )


def telecoms(owner: etree._Element) -> list[tuple[str, str]]:
    """Read the routes of an owner as the oracle tells them: system and value."""
    found = owner.iterfind("{*}contact/{*}telecom")
    return [(one.findtext("{*}system/{*}code"), one.findtext("{*}value")) for one in found]


def organisation(unit: etree._Element) -> tuple[Any, ...]:
    """Read a unit as the oracle tells it: addresses as line, town and postal code."""
    return (
        optional(unit, "hsaId/extension"),
        optional(unit, "name"),
        telecoms(unit),
        [
            [part for name in ("line", "city", "postalCode") for part in values(one, name)]
            for one in unit.iterfind("{*}contact/{*}address")
        ],
    )
