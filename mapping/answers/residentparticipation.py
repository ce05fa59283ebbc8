"""Register views -> the response element of GetCareManagers 1.0.

Follows the schema where the contract description differs from it (seed_conflicts no 10). Dates are YYYYMMDD
and times YYYYMMDDhhmmss in Swedish local time. A period until further notice has no end: the schema's pattern
ends with the year 2099, so 9999-12-31 could not be written anyway.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from lxml import etree

from contacts.care_managers import CareManager
from contacts.visibility import split_routes
from contracts import oids
from contracts.catalogue import by_name
from contracts.codes import befattning_display, fixed_contact_type
from contracts.hours import Hours, in_swedish, parse_hours
from contracts.identifiers import HsaId, PersonId
from mapping.answers.elements import add, add_optional
from register.model import CareProvider, ContactRoute, Staff, Team, Unit

_CONTRACT = by_name("GetCareManagers")
_D = f"{{{_CONTRACT.domain_namespace}}}"
_LAST_YEAR = 2099


def care_managers(
    contacts: Iterable[CareManager], patient: PersonId, source_system: str, *, staff_numbers_in_notes: bool
) -> etree._Element:
    """Return GetCareManagersResponse.

    Args:
        contacts: The contacts to show, at most one of them with code 2 (rule001).
        patient: The patient's identity to write into each item's header.
        source_system: HSA-id of this system.
        staff_numbers_in_notes: Whether numbers the patient must not see go into internalNotes; else nowhere.
    """
    response = etree.Element(
        _CONTRACT.response, nsmap={None: _CONTRACT.namespace, "core": _CONTRACT.domain_namespace}
    )
    for contact in contacts:
        item = add(response, f"{{{_CONTRACT.namespace}}}careManager")
        _care_manager(item, contact, patient, source_system, staff_numbers_in_notes)
    return response


def _care_manager(
    item: etree._Element, found: CareManager, patient: PersonId, source_system: str, notes_for_staff: bool
) -> None:
    contact = found.contact
    own, own_staff = split_routes(found.own_routes, direct_visible=contact.direct_number_visible)
    care_unit, care_unit_staff = split_routes(found.care_unit_routes, direct_visible=False)
    unit, unit_staff = split_routes(found.unit_routes, direct_visible=False)
    provider, provider_staff = split_routes(found.provider_routes, direct_visible=False)
    elsewhere = found.unit != found.care_unit
    staff_lines = [
        *_staff_lines("Direkt, endast för vårdpersonal", own_staff),
        *_staff_lines(f"Vård till vård, {found.care_unit.name}", care_unit_staff),
        *(_staff_lines(f"Vård till vård, {found.unit.name}", unit_staff) if elsewhere else ()),
        *_staff_lines(f"Vård till vård, {found.provider.name}", provider_staff),
    ]

    _header(add(item, f"{_D}careManagerHeader"), found, patient, source_system)
    kind = fixed_contact_type(contact.type_code)
    _cv(
        add(item, f"{_D}code"),
        contact.type_code,
        oids.FIXED_CONTACT_TYPE,
        display=kind.display if kind else None,
    )
    _practitioner(add(item, f"{_D}practitioner"), found.staff)
    if found.team is not None:
        _team(add(item, f"{_D}careTeam"), found.team, found.team_routes, notes_for_staff)
    _period(add(item, f"{_D}period"), contact.valid_from, contact.valid_to)
    add_optional(
        item, f"{_D}internalNotes", _notes(contact.internal_notes, staff_lines if notes_for_staff else [])
    )
    add_optional(item, f"{_D}externalNotes", contact.external_notes)
    _provider(add(item, f"{_D}managingCareGiver"), found.provider, provider)
    _unit(add(item, f"{_D}managingCareUnit"), found.care_unit, care_unit)
    if elsewhere:
        _unit(add(item, f"{_D}careProvidingCareUnit"), found.unit, unit)
    _contact(item, own)


def _header(header: etree._Element, found: CareManager, patient: PersonId, source_system: str) -> None:
    """Write careManagerHeader; accountableCareUnitId always, as the contract description has it 1..1."""
    access = add(header, f"{_D}accessControlHeader")
    _hsa(access, "accountableHealthcareProviderId", found.provider.hsa_id)
    _hsa(access, "accountableCareUnitId", found.care_unit.hsa_id)
    _ii(access, "patientId", patient.root, patient.extension)
    if found.contact.care_process_root and found.contact.care_process_id:
        _ii(access, "careProcessId", found.contact.care_process_root, found.contact.care_process_id)
    add(access, f"{_D}blockComparisonTime", f"{found.contact.documented_at:%Y%m%d%H%M%S}")
    _hsa(header, "sourceSystemId", source_system)


def _practitioner(element: etree._Element, staff: Staff) -> None:
    """Write the person; the name always although the schema lets it be left out (S003-071)."""
    _hsa(element, "hsaId", staff.hsa_id)
    add(element, f"{_D}name", staff.name)
    if staff.befattning:
        display = befattning_display(staff.befattning) or staff.title
        qualification = add(element, f"{_D}qualification")
        _cv(qualification, staff.befattning, oids.BEFATTNING, display=display, original=staff.title)
    elif staff.title:
        add(add(element, f"{_D}qualification"), f"{_D}originalText", staff.title)


def _team(element: etree._Element, team: Team, routes: Sequence[ContactRoute], notes_for_staff: bool) -> None:
    shown, staff_only = split_routes(routes, direct_visible=False)
    lines = _staff_lines("Vård till vård", staff_only) if notes_for_staff else []
    _ii(element, "id", team.id_root, team.id)
    add(element, f"{_D}name", team.name)
    add_optional(element, f"{_D}internalNotes", _notes(team.internal_notes, lines))
    add_optional(element, f"{_D}externalNotes", team.external_notes)
    _contact(element, shown)


def _provider(element: etree._Element, provider: CareProvider, routes: Sequence[ContactRoute]) -> None:
    _hsa(element, "hsaId", provider.hsa_id)
    add(element, f"{_D}name", provider.name)
    _contact(element, routes)


def _unit(element: etree._Element, unit: Unit, routes: Sequence[ContactRoute]) -> None:
    """Write a unit with its routes and visiting address, and the postal address as a contact of its own."""
    _hsa(element, "hsaId", unit.hsa_id)
    add(element, f"{_D}name", unit.name)
    contact = _contact(element, routes)
    if unit.visiting_address or unit.visiting_town:
        if contact is None:
            contact = add(element, f"{_D}contact")
        _address(contact, "physical", unit.visiting_address, unit.visiting_town)
    if unit.postal_address or unit.postal_town:
        _address(
            add(element, f"{_D}contact"), "postal", unit.postal_address, unit.postal_town, unit.postal_code
        )


def _contact(parent: etree._Element, routes: Sequence[ContactRoute]) -> etree._Element | None:
    """Append one contact with every route, or nothing when there are none."""
    if not routes:
        return None
    contact = add(parent, f"{_D}contact")
    for route in routes:
        telecom = add(contact, f"{_D}telecom")
        _cv(add(telecom, f"{_D}system"), route.system, oids.CONTACT_POINT_SYSTEM)
        add(telecom, f"{_D}value", route.value)
        for hours in parse_hours(route.hours) if route.hours else ():
            _hours(add(telecom, f"{_D}period"), hours)
    return contact


def _hours(element: etree._Element, hours: Hours) -> None:
    if hours.date_from is not None:
        _period(add(element, f"{_D}datePeriod"), hours.date_from, hours.date_to)
    for day in hours.week_days:
        add(element, f"{_D}weekDay", day)
    for month in hours.months:
        add(element, f"{_D}month", month)
    if hours.start is not None and hours.end is not None:
        time = add(element, f"{_D}time")
        add(time, f"{_D}start", f"{hours.start:%H%M%S}")
        add(time, f"{_D}end", f"{hours.end:%H%M%S}")


def _address(
    contact: etree._Element, kind: str, line: str | None, town: str | None, postal_code: str | None = None
) -> None:
    address = add(contact, f"{_D}address")
    _cv(add(address, f"{_D}type"), kind, oids.ADDRESS_TYPE)
    add_optional(address, f"{_D}line", line)
    add_optional(address, f"{_D}city", town)
    add_optional(address, f"{_D}postalCode", postal_code)


def _period(element: etree._Element, start: date, end: date | None) -> None:
    add(element, f"{_D}start", f"{start:%Y%m%d}")
    if end is not None and end.year <= _LAST_YEAR:
        add(element, f"{_D}end", f"{end:%Y%m%d}")


def _staff_lines(label: str, routes: Iterable[ContactRoute]) -> list[str]:
    return [
        f"{label}: {route.value}" + (f" ({in_swedish(route.hours)})" if route.hours else "")
        for route in routes
    ]


def _notes(text: str | None, lines: Sequence[str]) -> str | None:
    return "\n".join(part for part in (text, *lines) if part) or None


def _hsa(parent: etree._Element, name: str, hsa_id: HsaId | str) -> None:
    _ii(parent, name, oids.HSA_ID, str(hsa_id))


def _ii(parent: etree._Element, name: str, root: str, extension: str) -> None:
    element = add(parent, f"{_D}{name}")
    add(element, f"{_D}root", root)
    add(element, f"{_D}extension", extension)


def _cv(
    element: etree._Element, code: str, system: str, display: str | None = None, original: str | None = None
) -> None:
    add(element, f"{_D}code", code)
    add(element, f"{_D}codeSystem", system)
    add_optional(element, f"{_D}displayName", display)
    add_optional(element, f"{_D}originalText", original)
